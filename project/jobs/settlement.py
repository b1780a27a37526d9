"""Settle: the effect and the end of its job commit in one transaction, fenced by the number of the claim.

A worker that lost its lease (frozen, and woken up when another had taken over) can change nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.db import transaction

from project.jobs import statements
from project.jobs.errors import LeaseLost
from project.jobs.messages import message_of
from project.jobs.models import Attempt, Job, Outcome, State
from project.jobs.publisher import publish_on_commit


@dataclass(slots=True)
class Run:
    """A claimed job in the hands of this thread."""

    job: Job
    settled: bool = False


_run: ContextVar[Run | None] = ContextVar("run", default=None)


def current_job() -> Job | None:
    """Return the job that is running here, or None outside one."""
    run = _run.get()
    return run.job if run else None


@contextmanager
def running(job: Job) -> Iterator[Run]:
    """Make the job the current one."""
    token = _run.set(Run(job))
    try:
        yield cast("Run", _run.get())
    finally:
        _run.reset(token)


@contextmanager
def settling() -> Iterator[None]:
    """Commit the effect written inside together with the end of the running job: both or neither.

    Outside a job it is a plain transaction, so that the domain can be called without Celery.
    Raises LeaseLost, with the effect rolled back, where another attempt has taken over.
    """
    mine = _run.get()
    with transaction.atomic():
        yield
        settles = mine is not None and not mine.settled
        if settles:
            succeed(cast("Run", mine).job)
    if settles:  # only now has it committed, or its outer transaction will
        cast("Run", mine).settled = True


def succeed(job: Job) -> None:
    """End a job well, under the fence. Its last attempt is told by its own row. Raises LeaseLost."""
    connection = transaction.get_connection()
    with statements.prepared(connection) as cursor:
        cursor.execute(statements.succeed(connection.vendor), [str(job.id), job.claims])
        if cursor.rowcount != 1:
            raise LeaseLost(f"claim {job.claims} no longer holds the job")
    tell_feed(job)


def end(job: Job, outcome: Outcome, trace: str = "", **changes: Any) -> None:
    """End an attempt that failed, under the fence, and keep it. Raises LeaseLost."""
    mine = Job.objects.filter(id=job.id, state=State.RUNNING, claims=job.claims)
    with transaction.atomic(savepoint=False):
        if not mine.update(lease_until=None, **changes):
            raise LeaseLost(f"claim {job.claims} no longer holds the job")
        Attempt.objects.create(
            job=job,
            number=job.claims,
            worker=job.worker,
            started_at=cast("datetime", job.started_at),
            outcome=outcome,
            error=changes["error"],
            traceback=trace,
        )
        tell_feed(job)


def tell_feed(job: Job) -> None:
    """Let the job's feed publish another one in its place, once it has ended."""
    if job.feed:
        publish_on_commit(lambda: [message_of(job)])
