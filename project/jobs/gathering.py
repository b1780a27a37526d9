"""Gather: what is asked for in a stretch of code is inserted in one statement, as bulk writes want it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import transaction
from django.db.models.functions import Least, Now

from project.jobs.models import Job
from project.jobs.publisher import message_of, publish_on_commit

BATCH = 1000  # rows in one INSERT


class Gathered:
    """Jobs that are not inserted yet. They belong to the savepoint in which gathering began."""

    def __init__(self) -> None:
        self.savepoints = savepoints()
        self.jobs: list[Job] = []
        self._by_key: dict[tuple[str, str, str], Job] = {}

    def add(self, job: Job) -> Job:
        """Take a job, or count it on the one that stands for it. Returns that."""
        name = (job.task, job.key, job.about)
        same = self._by_key.get(name) if job.key else None
        if same is None:
            self.jobs.append(job)
            self._by_key[name] = job
            return job
        same.asks += 1
        if job.run_by is None or same.run_by is None:
            same.run_at, same.run_by = Now(), None  # what may not wait lets none of them wait
        else:
            same.run_at, same.run_by = job.run_at, Least(same.run_by, job.run_by)
        return same

    def insert(self) -> None:
        """Insert the jobs, and let what need not settle be published when the transaction commits."""
        Job.objects.bulk_create(self.jobs, batch_size=BATCH)
        publish_on_commit(*(message_of(job) for job in self.jobs if job.run_by is None))


_gathered: ContextVar[Gathered | None] = ContextVar("gathered", default=None)


@contextmanager
def gathering() -> Iterator[None]:
    """Insert in one statement, at the end, what is asked for inside. Both are in one transaction."""
    with transaction.atomic():
        gathered = Gathered()
        token = _gathered.set(gathered)
        try:
            yield
        finally:
            _gathered.reset(token)
        gathered.insert()


def here() -> Gathered | None:
    """Return what gathers the jobs that are asked for now. In a savepoint that may be rolled back nothing does."""
    gathered = _gathered.get()
    return gathered if gathered and gathered.savepoints == savepoints() else None


def savepoints() -> list[str]:
    """Return the savepoints of the present transaction. A block without one of its own has None in Django's list."""
    return [name for name in transaction.get_connection().savepoint_ids if name]
