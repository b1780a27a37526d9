"""Claim: waiting jobs become this worker's, in one statement that commits by itself."""

import os
from collections.abc import Sequence
from operator import attrgetter
from typing import Any
from uuid import UUID

from celery.exceptions import Reject
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models.functions import Greatest

from project.jobs import circuits, folding, rows, statements
from project.jobs.errors import NotClaimed
from project.jobs.models import Job, State
from project.jobs.patience import AWAY, patiently
from project.jobs.pauses import is_paused
from project.jobs.registry import Task

LEASE_MARGIN = 30  # seconds beyond the hard time limit: a process needs a moment to be killed
MOST = 1000  # jobs that a message may name; who can write to the broker must not make a worker's statements long


def claim_patiently(task: Task[..., Any], ids: Sequence[str], worker: str) -> list[Job]:
    """Claim, and wait for a database that is away: else every message would be taken and dropped meanwhile."""
    ids = checked(ids)
    try:
        return patiently(lambda: claim(task, ids, worker))
    except AWAY as error:
        raise Reject(reason=str(error), requeue=True) from error


def checked(ids: Sequence[str]) -> list[str]:
    """Return the ids of a message's jobs. Raises NotClaimed where they are none."""
    if not isinstance(ids, list) or len(ids) > MOST:
        raise NotClaimed(f"the message names {str(ids)[:80]}; expected a list of at most {MOST} jobs")
    try:
        return [str(UUID(each)) for each in ids]
    except (ValueError, AttributeError, TypeError) as error:
        raise NotClaimed(f"the message names {str(ids)[:80]!r}; expected the UUIDs of jobs") from error


def claim(task: Task[..., Any], ids: Sequence[str], worker: str) -> list[Job]:
    """Take those of a message's jobs that wait, with all that wait for the same. Raises NotClaimed."""
    try:
        jobs = take(task, ids, worker, "keyed" if task.name in _keyed else "plain")
        if not jobs:
            hold_back(task, ids)
            jobs = take(task, ids, worker, "checked")
    except IntegrityError as error:  # another one of its key was claimed in this moment
        raise NotClaimed(put_behind(ids)) from error
    if not jobs:
        raise NotClaimed(describe(task, ids[0]))
    _keyed.update(job.task for job in jobs if job.key)
    return [folding.fold_into(job) if job.key else job for job in jobs]


_keyed: set[str] = set()  # tasks of which a job had a key: of the next one it is asked whether another one of it runs


def take(task: Task[..., Any], ids: Sequence[str], worker: str, kind: str) -> list[Job]:
    """Make what waits of some jobs this worker's. kind: see `statements.claim`. Returns them, oldest first."""
    connection = transaction.get_connection()
    vendor = connection.vendor
    lease = settings.QUEUES[task.queue].hard_limit + LEASE_MARGIN
    is_bundle = len(ids) > 1
    these = statements.ids(vendor, ids) if is_bundle else ids[0]
    with statements.prepared(connection) as cursor:
        cursor.execute(
            statements.claim(vendor, kind, rows.COLUMNS, is_bundle=is_bundle),
            [worker, os.getpid(), lease, ids[0], task.name, these],
        )
        return sorted(rows.jobs(cursor), key=attrgetter("id"))


def hold_back(task: Task[..., Any], ids: Sequence[str]) -> None:
    """Raise NotClaimed where the jobs may not run now. They are published again when they may."""
    if is_paused(task.name, task.queue, ids[0]):
        drop_message(ids)
        raise NotClaimed("its queue, its task or its key is paused")
    if task.policy.circuit and not circuits.admits(task.policy.circuit):
        circuits.park(ids[0], task.policy.circuit)
        raise NotClaimed(f"the {task.policy.circuit} is away")
    if folding.put_off(ids[0]):
        raise NotClaimed("more was asked for meanwhile: it waits for the rest")
    if folding.one_runs(ids[0]):
        raise NotClaimed(put_behind(ids))


def put_behind(ids: Sequence[str]) -> str:
    """Put a job off while another one of its key runs. Returns what to say."""
    folding.wait_for_the_running_one(ids)
    return "another job of its key runs"


def drop_message(ids: Sequence[str]) -> None:
    """Note that jobs' message was taken and dropped: it was there, and is no more."""
    Job.objects.filter(id__in=ids, state=State.WAITING).update(published_at=None, sends=Greatest("sends", 1))


def describe(task: Task[..., Any], job_id: str) -> str:
    """Say why a job could not be claimed."""
    job = Job.objects.filter(id=job_id).first()
    if job is None:
        return "the ledger has no job of this id"
    if job.task != task.name:
        return f"the message names {task.name}, the job is one of {job.task}"
    return f"the job is {job.state}, due {job.run_at:%Y-%m-%d %H:%M:%S}"
