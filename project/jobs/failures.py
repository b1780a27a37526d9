"""Fail: the attempt's error is kept, and the job waits for its next attempt, for its dependency, or is `failed`."""

import traceback
from datetime import timedelta
from typing import Any

import structlog
from django.core.exceptions import ValidationError
from django.db import DatabaseError, InterfaceError, transaction
from django.db.models import F
from django.db.models.functions import Now

from project.jobs import circuits, pauses
from project.jobs.models import Job, Outcome, State
from project.jobs.patience import look_at_connection
from project.jobs.policies import GiveUp, RetryLater, StopQueue
from project.jobs.registry import Task, registered
from project.jobs.settlement import current_job, end

log = structlog.get_logger(__name__)

NEWER = timedelta(minutes=10)  # a job that is younger may be of a release that this worker has yet to get
UNTIL_DEPLOYED = timedelta(seconds=30)  # after which a newer worker may take it
NOT_ITS_FAULT = {"state": State.WAITING, "published_at": None, "attempts": F("attempts") - 1}
LONGEST_ERROR = 500  # characters of an error's own line
LONGEST_TRACEBACK = 20_000  # characters; the end says most


def fail(task: Task[..., Any], job: Job, error: Exception) -> None:
    """Keep the error of the attempt and decide what follows. Raises LeaseLost."""
    line = storable(f"{type(error).__name__}: {error}"[:LONGEST_ERROR])
    trace = storable("".join(traceback.format_exception(error))[-LONGEST_TRACEBACK:])
    if is_parked(task, error, line):
        log.warning("job_parked", dependency=task.policy.circuit, error=line)
        end(job, Outcome.FAILED, trace, parked=task.policy.circuit, error=line, **NOT_ITS_FAULT)
    elif isinstance(error, StopQueue):
        log.error("queue_stopped", queue=task.queue, error=line)
        with transaction.atomic():
            pauses.pause("queue", task.queue, actor=f"task {task.name}", reason=line)
            end(job, Outcome.FAILED, trace, error=line, **NOT_ITS_FAULT)
    elif is_last(task, job, error):
        log.error("job_failed", attempt=job.attempts, error=line)
        end(job, Outcome.FAILED, trace, state=State.FAILED, finished_at=Now(), error=line)
    else:
        wait = error.after if isinstance(error, RetryLater) else task.policy.wait(job.attempts)
        log.warning("job_will_retry", attempt=job.attempts, of=task.policy.attempts, wait=round(wait, 1), error=line)
        due = Now() + timedelta(seconds=wait)
        end(job, Outcome.FAILED, trace, state=State.WAITING, run_at=due, published_at=None, error=line)


def storable(text: str) -> str:
    """Return a text that every database keeps: half a character, or none, would fail what is to keep the failure."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\0")


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
    return last or isinstance(error, (GiveUp, *task.policy.permanent)) or not fits(task, job.kwargs)


def gives_up(error: Exception) -> bool:
    """Tell whether the job that is running here will not be tried again after this error."""
    job = current_job()
    return isinstance(error, GiveUp) or (job is not None and is_last(registered[job.task], job, error))


def fits(task: Task[..., Any], kwargs: Any) -> bool:
    """Tell whether the arguments fit the task as it is now: the job may be of an older release, or edited by hand."""
    try:
        task.signature.bind(**kwargs)
    except TypeError:
        return False
    return True


def fail_unknown(task: str, job_id: str) -> None:
    """A message names a task that this worker does not have: its job is `failed`, to be replayed when there is one.

    While a release is rolled out an old worker meets tasks of the new one: a young job waits for a newer worker.
    """
    look_at_connection()
    try:
        waiting = Job.objects.filter(id=job_id, task=task, state=State.WAITING)
        young = waiting.filter(created_at__gt=Now() - NEWER)
        error = f"There is no task {task} in this release. Bring it back (or its name) and replay the job."
        if young.update(run_at=Now() + UNTIL_DEPLOYED, published_at=None, error=error):
            log.warning("task_unknown_yet", job=job_id, task=task)
        elif waiting.update(state=State.FAILED, finished_at=Now(), error=error):
            log.error("job_failed", job=job_id, error=error)
    except (ValidationError, DatabaseError, InterfaceError) as reason:  # its message is seen as lost, and comes again
        log.warning("task_unknown", job=job_id[:80], task=task, error=str(reason))
