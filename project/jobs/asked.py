"""What the present transaction has asked for under a key: asked for again, it only adds to a count.

Django keeps no place for what belongs to a transaction but its list of hooks, which a rollback empties. So the memory
is one of those hooks: as long as it is in the list, the transaction is the same.
"""

from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Least, Now

from project.jobs.models import Job


class Memory(dict[tuple[str, str, str], UUID]):
    """(task, key, about) -> the job's id. As a hook it does nothing."""

    index: int

    def __call__(self) -> None:
        """Do nothing on commit."""


def again(job: Job) -> UUID | None:
    """Count another ask for a job of this transaction. Returns its id, or None where this one is the first."""
    same = memory().get((job.task, job.key, job.about))
    if same is None:
        return None
    this = Job.objects.filter(id=same)
    if not this.update(asks=F("asks") + 1):
        return None  # it was asked for in a savepoint that was rolled back
    if job.run_by is None:
        this.exclude(run_by=None).update(run_at=Now(), run_by=None)  # what may not wait lets none of them wait
    else:
        this.exclude(run_by=None).update(run_at=job.run_at, run_by=Least(F("run_by"), job.run_by))
    return same


def remember(job: Job) -> None:
    """Remember a job that this transaction has asked for."""
    if job.key:
        memory()[(job.task, job.key, job.about)] = job.id


def memory() -> Memory:
    """Return the memory of the present transaction, made at first."""
    connection = transaction.get_connection()
    hooks = connection.run_on_commit
    kept: Memory | None = getattr(connection, "jobs_asked", None)
    if kept is None or len(hooks) <= kept.index or hooks[kept.index][1] is not kept:
        kept = Memory()
        kept.index = len(hooks)
        transaction.on_commit(kept)
        connection.jobs_asked = kept
    return kept
