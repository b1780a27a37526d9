"""Claim and run: what a worker does with a message."""

import os
from datetime import timedelta
from typing import Any

import structlog
from celery.exceptions import Ignore, Reject
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from project.jobs import circuits
from project.jobs.errors import LeaseLost, NotClaimed
from project.jobs.failures import fail
from project.jobs.models import Job, State
from project.jobs.patience import AWAY, patiently
from project.jobs.pauses import is_paused
from project.jobs.registry import Task
from project.jobs.settlement import running, settling

log = structlog.get_logger(__name__)

LEASE_MARGIN = timedelta(seconds=30)  # beyond the hard time limit: a process needs a moment to be killed


def execute(task: Task[..., Any], *, job_id: str, worker: str) -> Any:
    """Do one message's work: claim its job, run the task, settle. Returns what the task returned.

    Raises Celery's Ignore where there is nothing (or nothing more) to do, Reject where the database stays away so that
    the message waits in the broker, and the task's own error after it is kept.
    """
    with structlog.contextvars.bound_contextvars(job=job_id, task=task.name):
        try:
            return run(task, claim_patiently(task, job_id, worker))
        except NotClaimed as reason:
            log.info("job_not_claimed", reason=str(reason))
            raise Ignore from reason
        except LeaseLost as reason:
            log.warning("job_lease_lost", reason=str(reason))
            raise Ignore from reason


def claim_patiently(task: Task[..., Any], job_id: str, worker: str) -> Job:
    """Claim, and wait for a database that is away: else every message would be taken and dropped meanwhile."""
    try:
        return patiently(lambda: claim(task, job_id, worker))
    except AWAY as error:
        raise Reject(reason=str(error), requeue=True) from error


def claim(task: Task[..., Any], job_id: str, worker: str) -> Job:
    """Take a waiting job, in a short commit of its own. Raises NotClaimed."""
    limit = timedelta(seconds=settings.QUEUES[task.queue].hard_limit)
    try:
        waiting = Job.objects.filter(id=job_id, task=task.name, state=State.WAITING, run_at__lte=Now())
    except ValidationError as error:
        raise NotClaimed(f"the message's id is {job_id[:80]!r}; expected the UUID of a job") from error
    hold_back(task, job_id)
    with transaction.atomic():
        claimed = waiting.update(
            state=State.RUNNING,
            attempts=F("attempts") + 1,
            claims=F("claims") + 1,
            parked="",
            worker=worker,
            pid=os.getpid(),
            started_at=Now(),
            lease_until=Now() + limit + LEASE_MARGIN,
            error="",
        )
        if not claimed:
            raise NotClaimed(describe(task, job_id))
        return Job.objects.get(id=job_id)


def hold_back(task: Task[..., Any], job_id: str) -> None:
    """Raise NotClaimed where the job may not run now. It is published again when it may."""
    if is_paused(task.name, task.queue):
        Job.objects.filter(id=job_id, state=State.WAITING).update(published_at=None)
        raise NotClaimed("its queue or its task is paused")
    if task.policy.circuit and not circuits.admits(task.policy.circuit):
        circuits.park(job_id, task.policy.circuit)
        raise NotClaimed(f"the {task.policy.circuit} is away")


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
