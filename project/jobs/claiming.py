"""Claim: a waiting job becomes this worker's, in a short commit of its own."""

import os
from datetime import timedelta
from typing import Any
from uuid import UUID

from celery.exceptions import Reject
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from project.jobs import circuits, folding
from project.jobs.errors import NotClaimed
from project.jobs.models import Job, State
from project.jobs.patience import AWAY, patiently
from project.jobs.pauses import is_paused
from project.jobs.registry import Task

LEASE_MARGIN = timedelta(seconds=30)  # beyond the hard time limit: a process needs a moment to be killed


def claim_patiently(task: Task[..., Any], job_id: str, worker: str) -> list[Job]:
    """Claim, and wait for a database that is away: else every message would be taken and dropped meanwhile."""
    take_in_hand = claim_bundle if task.bundle > 1 else claim
    try:
        return patiently(lambda: take_in_hand(task, job_id, worker))
    except AWAY as error:
        raise Reject(reason=str(error), requeue=True) from error


def claim(task: Task[..., Any], job_id: str, worker: str) -> list[Job]:
    """Take a waiting job, with all that wait for the same. Raises NotClaimed."""
    this = jobs_of_message(job_id).filter(task=task.name)
    hold_back(task, job_id)
    try:
        with transaction.atomic():
            if not take(this, task, worker):
                raise NotClaimed(describe(task, job_id))
            job = this.get()
            return [folding.fold_into(job) if job.key else job]
    except IntegrityError as error:
        folding.wait_for_the_running_one(this)
        raise NotClaimed("another job of its key runs") from error


def take(jobs: "QuerySet[Job]", task: Task[..., Any], worker: str) -> int:
    """Make what waits of some jobs this worker's, in the transaction around. Returns the number of jobs."""
    limit = timedelta(seconds=settings.QUEUES[task.queue].hard_limit)
    held = Q(published_at=None) & ~Q(feed="")
    return (
        jobs.filter(state=State.WAITING, run_at__lte=Now())
        .exclude(held)
        .update(
            state=State.RUNNING,
            attempts=F("attempts") + 1,
            claims=F("claims") + 1,
            parked="",
            worker=worker,
            pid=os.getpid(),
            started_at=Now(),
            lease_until=Now() + limit + LEASE_MARGIN,
            error="",
            leader=None,
        )
    )


def claim_bundle(task: Task[..., Any], job_id: str, worker: str) -> list[Job]:
    """Take what waits of a task that bundles, whichever of its messages this is. Raises NotClaimed."""
    this = jobs_of_message(job_id)
    if is_paused(task.name, task.queue, job_id):
        Job.objects.filter(task=task.name, state=State.WAITING).update(published_at=None)
        raise NotClaimed("its queue or its task is paused")
    with transaction.atomic():
        mine = Job.objects.filter(id__in=[job.id for job in bundle(task, this)])
        if not take(mine, task, worker):
            raise NotClaimed(describe(task, job_id))
        mine.exclude(id=job_id).update(leader=job_id)
        return list(mine.order_by("id"))


def bundle(task: Task[..., Any], this: "QuerySet[Job]") -> list[Job]:
    """Return the message's job where it waits, locked, and what else of its task may run with it."""
    waiting = Job.objects.filter(task=task.name, state=State.WAITING, run_at__lte=Now()).order_by("id")
    waiting = waiting.select_for_update(skip_locked=True)
    own = list(waiting & this)
    if own and own[0].is_alone:
        return own
    fresh = waiting.filter(attempts=0, deaths=0, id__in=next_in(task.queue, task.bundle))
    return own + list(fresh.exclude(id__in=[job.id for job in own])[: task.bundle - len(own)])


def next_in(queue: str, number: int) -> list[UUID]:
    """Return the jobs that were published first of those that wait in a queue, of whatever task.

    A bundle takes its task's among them, and none that is further behind: it would make all others wait for its own.
    """
    jobs = Job.objects.filter(queue=queue, state=State.WAITING, published_at__isnull=False)
    return list(jobs.order_by("published_at").values_list("id", flat=True)[:number])


def jobs_of_message(job_id: str) -> "QuerySet[Job]":
    """Return the job that a message names, as a set. Raises NotClaimed."""
    try:
        return Job.objects.filter(id=job_id)
    except ValidationError as error:
        raise NotClaimed(f"the message's id is {job_id[:80]!r}; expected the UUID of a job") from error


def hold_back(task: Task[..., Any], job_id: str) -> None:
    """Raise NotClaimed where the job may not run now. It is published again when it may."""
    if is_paused(task.name, task.queue, job_id):
        Job.objects.filter(id=job_id, state=State.WAITING).update(published_at=None)
        raise NotClaimed("its queue, its task or its key is paused")
    if task.policy.circuit and not circuits.admits(task.policy.circuit):
        circuits.park(job_id, task.policy.circuit)
        raise NotClaimed(f"the {task.policy.circuit} is away")
    if folding.put_off(job_id):
        raise NotClaimed("more was asked for meanwhile: it waits for the rest")


def describe(task: Task[..., Any], job_id: str) -> str:
    """Say why a job could not be claimed."""
    job = Job.objects.filter(id=job_id).first()
    if job is None:
        return "the ledger has no job of this id"
    if job.task != task.name:
        return f"the message names {task.name}, the job is one of {job.task}"
    return f"the job is {job.state}, due {job.run_at:%Y-%m-%d %H:%M:%S}"
