"""Fold: several asks for the same become one run, which sees every change that was committed before it.

Each ask that commits has its own row, so that writers never wait for one another. A run takes along all that wait at
its claim; what commits later runs afterwards. Refusing a second row by a constraint would lose the change that commits
while the run reads.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Max, Min, QuerySet
from django.db.models.functions import Greatest, Now

from project.jobs.clock import database_time
from project.jobs.errors import NotClaimed
from project.jobs.models import Job, State

MOST = 10_000  # jobs that are folded in one statement; the others run, or are folded, afterwards
RUNS = timedelta(seconds=1)  # until a job looks again whether the running one of its key has ended


def fold_into(leader: Job) -> Job:
    """Fold what waits for the same into a job that was just claimed. Returns the job. Raises NotClaimed.

    Nobody else claims one of the others meanwhile: their key has a running job.
    """
    if not waiting_like(leader).exists():
        return leader
    with transaction.atomic():
        held = Job.objects.filter(id=leader.id, state=State.RUNNING, claims=leader.claims)
        if not held.select_for_update().exists():
            raise NotClaimed("another worker took it over")  # and may have read what it reads already
        others = waiting_like(leader).select_for_update(skip_locked=True)
        return stand_for(leader, list(others.only("id", "asks", "deaths", "run_by")[:MOST]))


def fold_due(jobs: Sequence[Job]) -> list[Job]:
    """Fold locked, waiting jobs among themselves, in the transaction around. Returns those that stand for the rest."""
    by_key: dict[object, list[Job]] = defaultdict(list)
    for job in jobs:
        by_key[(job.task, job.key) if job.key else job.id].append(job)
    return [stand_for(first, others) for first, *others in by_key.values()]


def stand_for(leader: Job, others: Sequence[Job]) -> Job:
    """Let the leader stand for other jobs, and for what they stand for. Returns it."""
    if others:
        folded = {"state": State.FOLDED, "leader": leader.id, "finished_at": Now(), "published_at": None, "parked": ""}
        Job.objects.filter(id__in=[job.id for job in others]).update(**folded)
        asks = sum(job.asks for job in others)
        # Whoever killed workers is not a fresh job because somebody asked again.
        deaths = max(job.deaths for job in others)
        # None of them is put off longer because it is folded; what may not wait lets none of them wait.
        times = [job.run_by for job in (leader, *others)]
        leader.run_by = min(time for time in times if time) if all(times) else None
        changes = {"asks": F("asks") + asks, "deaths": Greatest(F("deaths"), deaths), "run_by": leader.run_by}
        Job.objects.filter(id=leader.id).update(**changes)
        leader.asks += asks
    return leader


def waiting_like(job: Job) -> "QuerySet[Job]":
    """Return the waiting jobs of a job's task and key."""
    return Job.objects.filter(task=job.task, key=job.key, state=State.WAITING).exclude(key="")  # as its index says


def one_runs(job_id: str) -> bool:
    """Tell whether a job waits while another one of its key runs."""
    keys = Job.objects.filter(id=job_id, state=State.WAITING).exclude(key="").values("task", "key")
    return any(Job.objects.filter(state=State.RUNNING, **each).exclude(key="").exists() for each in keys)


def wait_for_the_running_one(ids: Sequence[str]) -> None:
    """Put jobs off while another one of their key runs."""
    waiting = Job.objects.filter(id__in=ids, state=State.WAITING)
    waiting.update(published_at=None, run_at=Now() + RUNS, sends=Greatest("sends", 1))


def put_off(job_id: str) -> bool:
    """Put a job off while more is asked for, but no longer than any of the asks allows. Returns whether it was."""
    job = Job.objects.filter(id=job_id, state=State.WAITING, run_by__gt=Now()).exclude(key="").first()
    if job is None:
        return False
    asked = waiting_like(job).aggregate(newest=Max("run_at"), latest=Min("run_by"))
    until: datetime = min(filter(None, asked.values()), default=job.run_at)
    if until <= database_time():
        return False
    dropped = {"published_at": None, "sends": Greatest("sends", 1)}
    return bool(Job.objects.filter(id=job_id, state=State.WAITING).update(**dropped, run_at=until))
