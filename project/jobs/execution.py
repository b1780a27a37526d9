"""Run: what a worker does with a message."""

from collections.abc import Sequence
from typing import Any

import structlog
from celery.exceptions import Ignore

from project.jobs import bundles, circuits
from project.jobs.claiming import claim_patiently
from project.jobs.errors import LeaseLost, NotClaimed
from project.jobs.failures import fail
from project.jobs.models import Job
from project.jobs.registry import Task
from project.jobs.settlement import running, settling

log = structlog.get_logger(__name__)


def execute(task: Task[..., Any], *, job_id: str, worker: str, bundle: Sequence[str] = ()) -> Any:
    """Do one message's work: claim its job, run the task, settle. Returns what the task returned.

    bundle: all the jobs that the message names, where it is a bundle's.
    Raises Celery's Ignore where there is nothing (or nothing more) to do, Reject where the database stays away so that
    the message waits in the broker, and the task's own error after it is kept.
    """
    with structlog.contextvars.bound_contextvars(job=job_id, task=task.name):
        try:
            claimed = claim_patiently(task, bundle if bundle and task.bundle > 1 else [job_id], worker)
            return run(task, *claimed) if task.bundle == 1 else bundles.run(task, claimed)
        except NotClaimed as reason:
            log.info("job_not_claimed", reason=str(reason))
            raise Ignore from reason
        except LeaseLost as reason:
            log.warning("job_lease_lost", reason=str(reason))
            raise Ignore from reason


def run(task: Task[..., Any], job: Job) -> Any:
    """Run a claimed job and settle it, or keep its error."""
    with running(job) as mine:
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
    log.info("job_succeeded", attempt=job.attempts)
    if task.policy.circuit:
        circuits.succeeded(task.policy.circuit)
    return result


def in_one_transaction(task: Task[..., Any], job: Job) -> Any:
    """Run the task inside the transaction that settles its job."""
    with settling():
        return task.function(**job.kwargs)
