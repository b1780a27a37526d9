"""The ledger's tables: a Job is one asked-for run of a task, an Attempt one try of it that failed."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models.functions import Now, StrIndex
from django.db.models.lookups import GreaterThan
from uuid_utils.compat import uuid7

from project.jobs.literals import write_out


class State(models.TextChoices):
    """Where a job is in its life."""

    WAITING = "waiting"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    FOLDED = "folded"


class Outcome(models.TextChoices):
    """How an attempt ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    DIED = "died"


UNSETTLED = (State.WAITING, State.RUNNING)


def new_id() -> uuid.UUID:
    """Return an id that sorts by time, so that new rows land at the end of the index (RFC 9562, version 7)."""
    return uuid7()


PUBLISHED = models.Q(state=State.WAITING, published_at__isnull=False)


class Job(models.Model):
    """One asked-for run of a task. It commits with the change that asked for it; its id is its message's id.

    about: the object it was asked for, as `app.model:pk`: text, so that it outlives the object.
    key: what jobs of the task share that become one run; asks: how many such asks the job stands for.
    run_by: the latest time to which further asks may put the run off; see `folding`.
    leader: the job that stands for a folded one, or with whose message a bundled one ran.
    priority: below zero it is low. feed: by which limit it is held until it may be published; see `feeding`.
    parent, depth: the job whose run asked for this one, and how many such steps lie behind it.
    attempts: tries begun, but for those that a dead worker or a shutdown cut short.
    claims: times it was claimed. With the state it is the fence: who settles names the claim it holds.
    deaths: workers that died while they ran it.
    run_at: when it is due: also the wait after a failure. The ledger holds it, never the broker.
    published_at: when the broker was told; empty: it is to be told, when the job is due. sends: how often it was told.
        Its publisher notes both a moment later, and a claim that came first in its stead.
    parked: the dependency that is away and that it waits for; see `Circuit`.
    worker, pid: who runs it. lease_until: when they must have ended; until then nobody else may take it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    task = models.CharField(max_length=120)
    kwargs = models.JSONField(default=dict)
    queue = models.CharField(max_length=40)
    about = models.CharField(max_length=120, blank=True, db_default="")
    key = models.CharField(max_length=120, blank=True, db_default="")
    asks = models.IntegerField(default=1, db_default=1)
    run_by = models.DateTimeField(null=True, blank=True)
    priority = models.SmallIntegerField(default=0, db_default=0)
    feed = models.CharField(max_length=140, blank=True, db_default="")
    leader = models.UUIDField(null=True, blank=True)
    parent = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="children", db_index=False)
    depth = models.SmallIntegerField(default=0, db_default=0)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING, db_default=State.WAITING)
    attempts = models.IntegerField(default=0, db_default=0)
    claims = models.IntegerField(default=0, db_default=0)
    deaths = models.IntegerField(default=0, db_default=0)
    run_at = models.DateTimeField(db_default=Now())
    created_at = models.DateTimeField(db_default=Now())
    sends = models.IntegerField(default=0, db_default=0)
    published_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    parked = models.CharField(max_length=40, blank=True, db_default="")
    worker = models.CharField(max_length=120, blank=True, db_default="")
    pid = models.IntegerField(null=True, blank=True)
    error = models.TextField(blank=True, db_default="")

    objects: ClassVar[models.Manager["Job"]]

    class Meta:
        constraints: ClassVar = [
            # One, and short: PostgreSQL reads it anew for each statement. `state IN (...)` took a tenth of an INSERT.
            models.CheckConstraint(
                name="job_is_sound",
                condition=models.Q(GreaterThan(StrIndex(models.Value(" ".join(State.values)), "state"), 0))
                & models.Q(attempts__gte=0)
                & (~models.Q(state="running") | models.Q(lease_until__isnull=False)),
            ),
            models.UniqueConstraint(
                name="job_one_running_per_key",
                fields=["task", "key"],
                condition=models.Q(state="running") & ~models.Q(key=""),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                name="job_due",
                fields=["state", "run_at", "id"],
                condition=models.Q(state="waiting", published_at=None, feed=""),
            ),
            models.Index(
                name="job_feed", fields=["feed", "published_at", "-priority", "run_at"], condition=~models.Q(feed="")
            ),
            models.Index(name="job_parked", fields=["state", "parked", "run_at"], condition=~models.Q(parked="")),
            models.Index(name="job_waiting", fields=["queue", "published_at"], condition=PUBLISHED),
            models.Index(
                name="job_key", fields=["task", "key"], condition=models.Q(state="waiting") & ~models.Q(key="")
            ),
            models.Index(name="job_running", fields=["queue", "-started_at"], condition=models.Q(state="running")),
            models.Index(name="job_about", fields=["about", "-id"], condition=~models.Q(about="")),
            models.Index(name="job_parent", fields=["parent"], condition=models.Q(parent__isnull=False)),
            # Few among those that succeeded, and looked for.
            models.Index(name="job_failed", fields=["-id"], condition=models.Q(state=State.FAILED)),
            models.Index(name="job_cancelled", fields=["-id"], condition=models.Q(state=State.CANCELLED)),
        ]

    def __str__(self) -> str:
        return f"{self.task} {self.id}"

    @property
    def is_alone(self) -> bool:
        """Whether it has failed or taken a worker along, so that its neighbours in a bundle may suffer from it."""
        return bool(self.attempts or self.deaths)

    @property
    def is_settled(self) -> bool:
        """Whether the job has come to its end."""
        return self.state not in UNSETTLED

    def ended_attempts(self) -> list["Attempt"]:
        """Return its ended attempts. The one that succeeded has no row of its own: the job's says it all."""
        ended = list(self.tries.all())
        if self.state == State.SUCCEEDED and self.started_at and self.finished_at:
            times = {"started_at": self.started_at, "finished_at": self.finished_at}
            ended.append(Attempt(job=self, number=self.claims, worker=self.worker, outcome=Outcome.SUCCEEDED, **times))
        return ended


write_out(Job._meta.get_field("state"), *State.values)
write_out(Job._meta.get_field("parked"), "")
write_out(Job._meta.get_field("key"), "")
write_out(Job._meta.get_field("about"), "")
write_out(Job._meta.get_field("feed"), "")
write_out(Job._meta.get_field("sends"))
write_out(Job._meta.get_field("claims"))


class Attempt(models.Model):
    """One try of a job that failed: where, when, and what went wrong. number: which claim of the job it was."""

    job = models.ForeignKey(Job, models.CASCADE, related_name="tries")
    number = models.PositiveIntegerField()
    worker = models.CharField(max_length=120)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(db_default=Now())
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    error = models.TextField(blank=True)
    traceback = models.TextField(blank=True)

    objects: ClassVar[models.Manager["Attempt"]]

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(name="attempt_once", fields=["job", "number"])]
        ordering: ClassVar = ["number"]

    def __str__(self) -> str:
        return f"attempt {self.number} of {self.job_id}"


class Worker(models.Model):
    """A worker that is alive: its parent process renews the heartbeat. name: as Celery and Flower show it."""

    name = models.CharField(max_length=120, primary_key=True)
    queues = models.JSONField(default=list)
    pid = models.PositiveIntegerField()
    started_at = models.DateTimeField(db_default=Now())
    heartbeat_at = models.DateTimeField(db_default=Now())

    objects: ClassVar[models.Manager["Worker"]]

    def __str__(self) -> str:
        return self.name


class BrokerMark(models.Model):
    """The mark that was left in the broker: where it is found no more, the broker's memory is gone. One row."""

    token = models.UUIDField(default=new_id)

    objects: ClassVar[models.Manager["BrokerMark"]]

    def __str__(self) -> str:
        return str(self.token)


class Circuit(models.Model):
    """A dependency that fails. It is open, and its jobs are parked, while `probe_at` is set: the next try is then."""

    name = models.CharField(max_length=40, primary_key=True)
    failures = models.PositiveIntegerField(default=0)
    probe_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    objects: ClassVar[models.Manager["Circuit"]]

    def __str__(self) -> str:
        return f"{self.name}: {'open' if self.probe_at else 'closed'}"


class Feed(models.Model):
    """A limit by which jobs are held: the row is locked while some are let go.

    tokens: jobs that may be published now; filled_at: when they were last filled up.
    """

    name = models.CharField(max_length=140, primary_key=True)
    tokens = models.FloatField(default=0)
    filled_at = models.DateTimeField(db_default=Now())

    objects: ClassVar[models.Manager["Feed"]]

    def __str__(self) -> str:
        return self.name


class Pause(models.Model):
    """A queue, a task or a key whose jobs wait until a person lets them go on."""

    class Kind(models.TextChoices):
        """What is paused."""

        QUEUE = "queue"
        TASK = "task"
        KEY = "key"

    kind = models.CharField(max_length=5, choices=Kind.choices)
    name = models.CharField(max_length=120)
    at = models.DateTimeField(db_default=Now())
    actor = models.CharField(max_length=120)
    reason = models.TextField()

    objects: ClassVar[models.Manager["Pause"]]

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(name="pause_once", fields=["kind", "name"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"

    @property
    def in_words(self) -> str:
        """Say it to whoever looks."""
        return f"paused: {self} since {self.at:%Y-%m-%d %H:%M}, by {self.actor}: {self.reason}"


class Intervention(models.Model):
    """What a person did to a job, a queue or a task: who, what, why."""

    at = models.DateTimeField(db_default=Now())
    actor = models.CharField(max_length=120)
    action = models.CharField(max_length=10)
    target = models.CharField(max_length=140)
    reason = models.TextField()
    job = models.ForeignKey(Job, models.CASCADE, null=True, blank=True, related_name="interventions")

    objects: ClassVar[models.Manager["Intervention"]]

    class Meta:
        ordering: ClassVar = ["-at"]

    def __str__(self) -> str:
        return f"{self.actor} {self.action} {self.target}"


class Firing(models.Model):
    """A scheduled time that was seen to: the constraint lets one of many workers fire it. due: the local time."""

    schedule = models.CharField(max_length=80)
    due = models.CharField(max_length=20)
    fired_at = models.DateTimeField(db_default=Now())

    objects: ClassVar[models.Manager["Firing"]]

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(name="firing_once", fields=["schedule", "due"])]

    def __str__(self) -> str:
        return f"{self.schedule} at {self.due}"
