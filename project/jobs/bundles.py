"""Run a bundle: many small jobs of one task in one transaction, each in its own savepoint, settled in one commit."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import structlog
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.functions import Now

from project.jobs import recovery
from project.jobs.errors import LeaseLost
from project.jobs.failures import fail
from project.jobs.models import Job, State
from project.jobs.patience import look_at_connection
from project.jobs.registry import Task
from project.jobs.settlement import Run, running

log = structlog.get_logger(__name__)


class ConnectionDied(Exception):
    """The connection to the database died while this job ran."""

    def __init__(self, job: Job, error: Exception) -> None:
        super().__init__(str(error))
        self.job, self.error = job, error


def run(task: Task[..., Any], jobs: Sequence[Job]) -> None:
    """Run claimed jobs and settle them. Raises LeaseLost.

    At first without savepoints, which cost two round trips a job: mostly none fails. Where one does, nothing has
    happened, and they run again apart.
    """
    try:
        with transaction.atomic():
            settle([job for job in jobs if not run_one(task, job).settled])
    except LeaseLost:
        raise
    except Exception as error:  # noqa: BLE001  it comes again, and is kept then
        log.info("bundle_runs_apart", jobs=len(jobs), error=f"{type(error).__name__}: {error}")
        look_at_connection()
        run_apart(task, jobs)
    else:
        log.info("bundle_done", jobs=len(jobs))


def run_one(task: Task[..., Any], job: Job) -> Run:
    """Run one job, in the transaction around."""
    with running(job) as mine:
        task.function(**job.kwargs)
    return mine


def run_apart(task: Task[..., Any], jobs: Sequence[Job]) -> None:
    """Run claimed jobs and settle them. One that fails touches no other, and runs alone from then on.

    Where the bundle itself cannot be committed, each has failed: nobody knows which one it was. Where the connection
    died, the one that ran has, and the others are given back. Raises LeaseLost.
    """
    try:
        with transaction.atomic():
            failed, done = run_each(task, jobs)
            settle(done)
    except LeaseLost:
        raise
    except ConnectionDied as died:
        failed = {died.job: died.error}
        look_at_connection()
        held = Job.objects.filter(id__in=[job.id for job in jobs], worker=died.job.worker, pid=died.job.pid)
        recovery.give_back(held.exclude(id=died.job.id), "the connection to the database died")
    except Exception as error:  # noqa: BLE001  it is kept with each job
        failed = dict.fromkeys(jobs, error)
    look_at_connection()
    for job, reason in failed.items():
        with structlog.contextvars.bound_contextvars(job=str(job.id)):
            fail(task, job, reason)
    log.info("bundle_done", jobs=len(jobs), failed=len(failed))


def run_each(task: Task[..., Any], jobs: Sequence[Job]) -> tuple[dict[Job, Exception], list[Job]]:
    """Run the jobs one after another, in the transaction around.

    Returns those that failed, with their errors, and those that are to be settled.
    """
    failed: dict[Job, Exception] = {}
    done: list[Job] = []
    for job in jobs:
        try:
            with transaction.atomic():
                mine = run_one(task, job)
        except Exception as error:
            if is_dead(transaction.get_connection()):
                raise ConnectionDied(job, error) from error
            failed[job] = error
        else:
            done += [] if mine.settled else [job]
    return failed, done


def is_dead(connection: BaseDatabaseWrapper) -> bool:
    """Tell whether the connection died: Django closes it where it cannot even roll back."""
    return connection.closed_in_transaction or not connection.is_usable()


def settle(jobs: Sequence[Job]) -> None:
    """End jobs that succeeded, under the fence of each one's claim. Raises LeaseLost where one was taken over."""
    by_claim = defaultdict(list)
    for job in jobs:
        by_claim[job.claims].append(job.id)
    for claims, ids in by_claim.items():
        mine = Job.objects.filter(id__in=ids, state=State.RUNNING, claims=claims)
        if mine.update(state=State.SUCCEEDED, lease_until=None, finished_at=Now(), error="") != len(ids):
            raise LeaseLost(f"one of {len(ids)} jobs is no longer held by its claim {claims}")
