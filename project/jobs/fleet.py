"""What works and what waits: asked of the broker, the workers and the ledger."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import Error as DatabaseError
from django.db.models import Count, Min, QuerySet

from project.jobs.clock import database_time
from project.jobs.models import Job, Pause, State

# Each is answered from an index of its own, however many have ended.
RUNNING = Job.objects.filter(state=State.RUNNING)
WAITING = (
    Job.objects.filter(state=State.WAITING, published_at__isnull=False),
    Job.objects.filter(state=State.WAITING, published_at=None, feed=""),
    Job.objects.filter(state=State.WAITING, published_at=None).exclude(feed=""),
)
PATIENCE = 1.0  # seconds that workers have to answer; all of them are always waited for


@dataclass(slots=True)
class QueueReport:
    """One queue. oldest: seconds that its oldest waiting job has waited since it was due."""

    workers: list[str] = field(default_factory=list)
    waiting: int = 0
    running: int = 0
    oldest: float = 0.0


@dataclass(slots=True)
class Report:
    """The whole system. problems, paused: in words, empty where all is well."""

    queues: dict[str, QueueReport]
    problems: list[str] = field(default_factory=list)
    paused: list[str] = field(default_factory=list)

    def as_text(self) -> str:
        """Return it as a table for a terminal."""
        row = "{:<14}{:>8}{:>9}{:>9}{:>10}  {}".format
        lines = [row("queue", "workers", "waiting", "running", "oldest", "").rstrip()]
        for name, queue in self.queues.items():
            oldest = f"{queue.oldest:.0f} s" if queue.waiting else "-"
            lines.append(
                row(name, len(queue.workers), queue.waiting, queue.running, oldest, ", ".join(queue.workers)).rstrip()
            )
        return "\n".join(lines + self.paused + [f"problem: {problem}" for problem in self.problems])


def report() -> Report:
    """Ask everybody. Takes a second and a bit; raises nothing."""
    made = Report({name: QueueReport() for name in settings.QUEUES})
    made.problems += [problem for problem in (read_ledger(made), ask_workers(made)) if problem]
    return made


def read_ledger(made: Report) -> str:
    """Fill in what waits, runs and is paused. Returns the problem, if any."""
    try:
        now = database_time()
        for row in by_queue(RUNNING):
            made.queues.setdefault(row["queue"], QueueReport()).running = row["jobs"]
        for row in chain.from_iterable(by_queue(part) for part in WAITING):
            queue = made.queues.setdefault(row["queue"], QueueReport())
            queue.waiting += row["jobs"]
            queue.oldest = max(queue.oldest, (now - row["due"]).total_seconds())
        made.paused = [each.in_words for each in Pause.objects.order_by("at")]
    except DatabaseError as error:
        return f"the database does not answer: {error}".strip()
    return ""


def by_queue(jobs: "QuerySet[Job]") -> Iterable[Any]:
    """Count jobs, and find the first that is due, for each queue."""
    return jobs.values("queue").annotate(jobs=Count("id"), due=Min("run_at"))


def ask_workers(made: Report) -> str:
    """Fill in who works which queue. Returns the problem, if any."""
    try:
        workers = workers_by_queue()
    except Exception as error:  # noqa: BLE001  whatever a transport raises is the answer
        return f"the broker does not answer: {type(error).__name__}: {error}"
    for name, queue in made.queues.items():
        queue.workers = workers.get(name, [])
    idle = [name for name, queue in made.queues.items() if not queue.workers]
    return f"no worker for {', '.join(idle)}" if idle else ""


def workers_by_queue() -> dict[str, list[str]]:
    """Ask the workers what they consume. Raises what the transport raises where the broker does not answer."""
    found = defaultdict(list)
    with current_app.connection_for_write() as connection:
        connection.ensure_connection(max_retries=1, interval_start=0, interval_step=0)
        answers = current_app.control.inspect(timeout=PATIENCE, connection=connection).active_queues() or {}
    for worker, queues in sorted(answers.items()):
        for queue in queues:
            found[queue["name"]].append(worker)
    return dict(found)
