"""Recover: publishes what is due, takes back what the dead held, finds what the broker lost.

Each step is safe beside any number of others doing the same, and costs a few indexed queries however large the ledger
is. Time is the database's throughout: a worker with a wrong clock breaks nothing.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from kombu import Producer

from project.jobs import feeding, folding, marks
from project.jobs.asks import Message
from project.jobs.clock import database_time
from project.jobs.failures import fail_unknown
from project.jobs.messages import message_of, send, send_fed, unmark
from project.jobs.models import Attempt, Job, Outcome, State, Worker
from project.jobs.pauses import paused
from project.jobs.registry import registered

log = structlog.get_logger(__name__)

BATCH = 1000  # jobs in one statement
# What is read of a job that is to be published.
OF_MESSAGE = ("id", "task", "queue", "key", "asks", "attempts", "deaths", "run_by", "feed")
GRACE = timedelta(seconds=2)  # what is due longer was forgotten by its publisher, or waited for its time
STALE = timedelta(seconds=15)  # a heartbeat that is older is a dead worker's
MOST_DEATHS = 3  # workers that a job may take along
IN_HANDS = timedelta(seconds=5)  # a message may be on its way from broker to claim for so long
OVERTAKEN = timedelta(seconds=10)  # by how much a later message must have been later


def publish_due(producer: Producer) -> int:
    """Publish the waiting jobs whose time has come and that no message tells of. Returns their number.

    Marked first and published then: two who recover never publish the same. Who dies in between leaves jobs that the
    broker seems to have lost, and those are found. Raises what the transport raises; the marks are then taken back.
    """
    due = Job.objects.filter(state=State.WAITING, published_at=None, feed="", parked="", run_at__lte=Now())
    # Nobody else publishes what waits until no more is asked for.
    due = due.filter(Q(run_at__lte=Now() - GRACE) | Q(run_by__isnull=False)).exclude(paused())
    if not due.exists():
        return 0  # without a lock: on SQLite even an idle transaction would take it
    with transaction.atomic():
        locked = due.select_for_update(skip_locked=True).order_by("run_at", "id").only(*OF_MESSAGE)[:BATCH]
        found = [message_of(job) for job in folding.fold_due(list(locked))]
        batch = [message for message in found if message.queue in settings.QUEUES]
        ids = [message.id for message in batch]
        Job.objects.filter(id__in=ids).update(published_at=Now(), sends=F("sends") + 1)
    for stray in [message for message in found if message.queue not in settings.QUEUES]:
        lead_back(stray)
    try:
        send(producer, batch)
    except BaseException:
        unmark(ids)
        raise
    log.info("recovered_due", jobs=len(batch))
    return len(batch)


def publish_fed(producer: Producer) -> int:
    """Publish what each feed allows now. Returns the number of jobs."""
    feeds = feeding.limits()
    if not feeding.held_by(feeds).exists():
        return 0  # as most often: one query instead of one for each
    return sum(send_fed(producer, feed) for feed in feeds)


def lead_back(stray: Message) -> None:
    """Let a job whose queue is no more wait in the queue that its task has now. Without a task it is `failed`."""
    if stray.task in registered:
        Job.objects.filter(id=stray.id, state=State.WAITING).update(queue=registered[stray.task].queue)
    else:
        fail_unknown(stray.task, stray.id)


def take_back_from_dead_workers(myself: str) -> int:
    """Take back what workers without a heartbeat hold, and what ran past its lease. Returns the number of jobs.

    myself: the worker that asks. Where its own heartbeat is old, everybody's may be: it was frozen, and knows nothing.
    """
    alive = Worker.objects.filter(heartbeat_at__gt=Now() - STALE)
    silent = ~Exists(alive.filter(name=OuterRef("worker"))) & Q(
        started_at__lt=Now() - STALE
    )  # a claim is a sign of life
    held = Job.objects.filter(Q(lease_until__lt=Now()) | silent)
    return take_back(held.filter(Exists(alive.filter(name=myself))), "its worker died")


def take_back_from_myself(worker: str, working_on: Collection[str], alive: Collection[int]) -> int:
    """Take back what the ledger says a worker runs and the worker itself does not. Returns the number of jobs.

    Its process died, or the database went away before it could settle: then it is no death.
    """
    mine = Job.objects.filter(worker=worker)
    died = take_back(mine.exclude(pid__in=alive), "its worker's process died")
    idle = mine.filter(started_at__lt=Now() - IN_HANDS).exclude(Q(id__in=working_on) | Q(leader__in=working_on))
    return died + give_back(idle, "its end could not be written")


def take_back(held: "QuerySet[Job]", why: str) -> int:
    """Take running jobs back: they wait again, or are `failed` where they have taken too many workers along."""
    held = held.filter(state=State.RUNNING)
    if not held.exists():
        return 0
    with transaction.atomic():
        jobs = list(held.select_for_update(skip_locked=True, of=("self",))[:BATCH])
        for job in jobs:
            last = job.deaths + 1 >= MOST_DEATHS
            error = f"{why} (the {job.deaths + 1}. time)" + (": given up" if last else "")
            Job.objects.filter(id=job.id).update(
                state=State.FAILED if last else State.WAITING,
                finished_at=Now() if last else None,
                deaths=F("deaths") + 1,
                attempts=F("attempts") - (0 if last else 1),
                lease_until=None,
                published_at=None,
                error=error,
            )
            keep_death(job, error)
    for job in jobs:
        log.warning("job_taken_back", job=str(job.id), task=job.task, worker=job.worker, deaths=job.deaths + 1)
    return len(jobs)


def keep_death(job: Job, error: str) -> None:
    """Keep the attempt that a worker did not live to end."""
    started = job.started_at or job.created_at
    Attempt.objects.create(
        job=job, number=job.claims, worker=job.worker, started_at=started, outcome=Outcome.DIED, error=error
    )


def give_back(held: "QuerySet[Job]", why: str) -> int:
    """Let running jobs wait again that nobody works on: no attempt, and no death. Returns the number of jobs."""
    given = held.filter(state=State.RUNNING).update(
        state=State.WAITING, attempts=F("attempts") - 1, lease_until=None, published_at=None, error=why
    )
    if given:
        log.warning("jobs_given_back", jobs=given, reason=why)
    return given


def find_lost(producer: Producer) -> int:
    """Find the jobs whose message the broker lost, and let them be published again. Returns their number.

    Inferred, never by age alone: a long queue is no loss, and to send it again would only make it longer.
    """
    lost = 0
    asked = database_time()
    if not marks.is_there(producer):
        # Another worker may have found out too: what it has published since is there.
        lost += forget(Job.objects.filter(published_at__lt=asked), "the broker's memory is gone")
        marks.leave(producer)
    for queue in settings.QUEUES:
        waiting = Job.objects.filter(queue=queue, published_at__lt=Now() - IN_HANDS)
        if waiting.filter(state=State.WAITING).exists() and marks.length(producer, queue) == 0:
            lost += forget(waiting, "the broker's queue is empty")
        elif started := last_started(queue):
            overtaken = Job.objects.filter(queue=queue, published_at__lt=started - OVERTAKEN)
            lost += forget(overtaken, "a job that was published later has started")
    return lost


def last_started(queue: str) -> datetime | None:
    """Return when the running job of the queue that started last was published; None where none runs.

    Only of those that were published and claimed once: a second message can be far behind the first.
    """
    running = Job.objects.filter(queue=queue, state=State.RUNNING, sends=1, claims=1, leader=None)
    return running.order_by("-started_at").values_list("published_at", flat=True).first()


def forget(jobs: "QuerySet[Job]", why: str) -> int:
    """Forget that waiting jobs were published."""
    lost = jobs.filter(state=State.WAITING, published_at__isnull=False).update(published_at=None)
    if lost:
        log.warning("messages_lost", jobs=lost, reason=why)
    return lost
