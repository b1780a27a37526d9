"""Fail: the attempt's error is kept, and the job waits for its next attempt, for its dependency, or is `failed`."""

import traceback
from datetime import timedelta
from typing import Any

import structlog
from django.db.models import F
from django.db.models.functions import Now

from project.jobs import circuits
from project.jobs.models import Job, Outcome, State
from project.jobs.policies import RetryLater
from project.jobs.registry import Task
from project.jobs.settlement import end

log = structlog.get_logger(__name__)

LONGEST_ERROR = 500  # characters of an error's own line
LONGEST_TRACEBACK = 20_000  # characters; the end says most


def fail(task: Task[..., Any], job: Job, error: Exception) -> None:
    """Keep the error of the attempt and decide what follows. Raises LeaseLost."""
    line = f"{type(error).__name__}: {error}"[:LONGEST_ERROR]
    trace = "".join(traceback.format_exception(error))[-LONGEST_TRACEBACK:]
    if is_parked(task, error, line):
        log.warning("job_parked", dependency=task.policy.circuit, error=line)
        not_its_fault = {"parked": task.policy.circuit, "attempts": F("attempts") - 1}
        end(job, Outcome.FAILED, trace, state=State.WAITING, published_at=None, error=line, **not_its_fault)
    elif is_last(task, job, error):
        log.error("job_failed", attempt=job.attempts, error=line)
        end(job, Outcome.FAILED, trace, state=State.FAILED, finished_at=Now(), error=line)
    else:
        wait = error.after if isinstance(error, RetryLater) else task.policy.wait(job.attempts)
        log.warning("job_will_retry", attempt=job.attempts, of=task.policy.attempts, wait=round(wait, 1), error=line)
        due = Now() + timedelta(seconds=wait)
        end(job, Outcome.FAILED, trace, state=State.WAITING, run_at=due, published_at=None, error=line)


def is_parked(task: Task[..., Any], error: Exception, line: str) -> bool:
    """Tell the circuit of the task's dependency, and whether the job is to wait for it."""
    name = task.policy.circuit
    if name and isinstance(error, task.policy.unreachable):
        return circuits.failed(name, line)
    if name:
        circuits.succeeded(name)  # it answered, whatever it said
    return False


def is_last(task: Task[..., Any], job: Job, error: Exception) -> bool:
    """Tell whether the job is not to be tried again: its tries are used up, or another one would end the same."""
    last = job.attempts >= task.policy.attempts
    return last or isinstance(error, task.policy.permanent) or not fits(task, job.kwargs)


def fits(task: Task[..., Any], kwargs: Any) -> bool:
    """Tell whether the arguments fit the task as it is now: the job may be of an older release, or edited by hand."""
    try:
        task.signature.bind(**kwargs)
    except TypeError:
        return False
    return True
