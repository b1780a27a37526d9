"""Claim, run, settle, fail: what a worker does with a message.

The effect and the end of its job commit in one transaction, fenced by the number of the claim: a worker that lost its
lease (frozen, and woken up when another had taken over) can change nothing.
"""

import os
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import structlog
from celery.exceptions import Ignore
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import close_old_connections, transaction
from django.db.models import F
from django.db.models.functions import Now

from project.jobs.errors import LeaseLost, NotClaimed
from project.jobs.models import Attempt, Job, Outcome, State
from project.jobs.policies import RetryLater
from project.jobs.registry import Task

log = structlog.get_logger(__name__)

LEASE_MARGIN = timedelta(seconds=30)  # beyond the hard time limit: a process needs a moment to be killed
LONGEST_ERROR = 500  # characters of an error's own line
LONGEST_TRACEBACK = 20_000  # characters; the end says most


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


def execute(task: Task[..., Any], *, job_id: str, worker: str) -> Any:
    """Do one message's work: claim its job, run the task, settle. Returns what the task returned.

    Raises Celery's Ignore where there is nothing (or nothing more) to do, and the task's own error after it is kept.
    """
    if not transaction.get_connection().in_atomic_block:
        close_old_connections()  # a kept connection that died is replaced: Celery does not look
    with structlog.contextvars.bound_contextvars(job=job_id, task=task.name):
        try:
            return run(task, claim(task, job_id, worker))
        except NotClaimed as reason:
            log.info("job_not_claimed", reason=str(reason))
            raise Ignore from reason
        except LeaseLost as reason:
            log.warning("job_lease_lost", reason=str(reason))
            raise Ignore from reason


def claim(task: Task[..., Any], job_id: str, worker: str) -> Job:
    """Take a waiting job, in a short commit of its own. Raises NotClaimed."""
    limit = timedelta(seconds=settings.QUEUES[task.queue].hard_limit)
    try:
        waiting = Job.objects.filter(id=job_id, task=task.name, state=State.WAITING, run_at__lte=Now())
    except ValidationError as error:
        raise NotClaimed(f"the message's id is {job_id[:80]!r}; expected the UUID of a job") from error
    with transaction.atomic():
        claimed = waiting.update(
            state=State.RUNNING,
            attempts=F("attempts") + 1,
            claims=F("claims") + 1,
            worker=worker,
            pid=os.getpid(),
            started_at=Now(),
            lease_until=Now() + limit + LEASE_MARGIN,
            error="",
        )
        if not claimed:
            raise NotClaimed(describe(task, job_id))
        return Job.objects.get(id=job_id)


def describe(task: Task[..., Any], job_id: str) -> str:
    """Say why a job could not be claimed."""
    job = Job.objects.filter(id=job_id).first()
    if job is None:
        return "the ledger has no job of this id"
    if job.task != task.name:
        return f"the message names {task.name}, the job is one of {job.task}"
    return f"the job is {job.state}, due {job.run_at:%Y-%m-%d %H:%M:%S}"


def run(task: Task[..., Any], job: Job) -> Any:
    """Run a claimed job and settle it, or keep its error."""
    mine = Run(job)
    token = _run.set(mine)
    try:
        result = task.function(**job.kwargs) if task.slow else in_one_transaction(task, job)
        if not mine.settled:
            with settling():
                pass
    except LeaseLost:
        raise
    except Exception as error:
        fail(task, job, error)
        raise
    finally:
        _run.reset(token)
    log.info("job_succeeded", attempt=job.attempts)
    return result


def in_one_transaction(task: Task[..., Any], job: Job) -> Any:
    """Run the task inside the transaction that settles its job."""
    with settling():
        return task.function(**job.kwargs)


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
            job = cast("Run", mine).job
            end(job, Outcome.SUCCEEDED, state=State.SUCCEEDED, finished_at=Now(), error="")
    if settles:  # only now has it committed, or its outer transaction will
        cast("Run", mine).settled = True


def fail(task: Task[..., Any], job: Job, error: Exception) -> None:
    """Keep the error of the attempt; the job is then `failed`, or waits for its next one."""
    line = f"{type(error).__name__}: {error}"[:LONGEST_ERROR]
    trace = "".join(traceback.format_exception(error))[-LONGEST_TRACEBACK:]
    with transaction.atomic():
        if is_last(task, job, error):
            log.error("job_failed", attempt=job.attempts, error=line)
            end(job, Outcome.FAILED, trace, state=State.FAILED, finished_at=Now(), error=line)
        else:
            wait = error.after if isinstance(error, RetryLater) else task.policy.wait(job.attempts)
            log.warning(
                "job_will_retry", attempt=job.attempts, of=task.policy.attempts, wait=round(wait, 1), error=line
            )
            due = Now() + timedelta(seconds=wait)
            end(job, Outcome.FAILED, trace, state=State.WAITING, run_at=due, published_at=None, error=line)


def is_last(task: Task[..., Any], job: Job, error: Exception) -> bool:
    """Tell whether the job is not to be tried again: its tries are used up, or another one would end the same."""
    return (
        isinstance(error, task.policy.permanent) or job.attempts >= task.policy.attempts or not fits(task, job.kwargs)
    )


def fits(task: Task[..., Any], kwargs: dict[str, Any]) -> bool:
    """Tell whether the arguments fit the task as it is now: the job may be of an older release."""
    try:
        task.signature.bind(**kwargs)
    except TypeError:
        return False
    return True


def end(job: Job, outcome: Outcome, trace: str = "", **changes: Any) -> None:
    """End the attempt under the fence, and keep it. Raises LeaseLost."""
    mine = Job.objects.filter(id=job.id, state=State.RUNNING, claims=job.claims)
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
