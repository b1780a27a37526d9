"""Fold: several asks for the same become one run, which sees every change that was committed before it.

Each ask that commits has its own row, so that writers never wait for one another. A run takes along all that wait at
its claim; what commits later runs afterwards. Refusing a second row by a constraint would lose the change that commits
while the run reads.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Max, Min, QuerySet
from django.db.models.functions import Greatest, Now

from project.jobs import uniting
from project.jobs.clock import database_time
from project.jobs.errors import NotClaimed
from project.jobs.models import Job, State
from project.jobs.registry import registered

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
        others = waiting_like(leader).select_for_update(skip_locked=True).order_by("id")
        found = list(others.only("id", "task", "asks", "deaths", "run_by")[: most(leader.task)])
        return stand_for(*next(shares([leader, *found])))  # its own; those behind it are split when they run


def fold_due(jobs: Sequence[Job]) -> list[Job]:
    """Fold locked, waiting jobs among themselves, in the transaction around. Returns those that stand for the rest."""
    by_key: dict[object, list[Job]] = defaultdict(list)
    for job in jobs:
        by_key[(job.task, job.key) if job.key else job.id].append(job)
    return [stand_for(*share) for group in by_key.values() for share in shares(group)]


def most(task: str) -> int:
    """Return how many jobs of a task are folded at a time: the others run, or are folded, afterwards."""
    return 1000 if task in registered and registered[task].unites else 10_000  # of the former all arguments are read


def shares(jobs: Sequence[Job]) -> Iterator[Sequence[Job]]:
    """Split locked jobs of one task and key: in each share the first one can stand for the others.

    Of a task that unites it has their subjects from then on, in the transaction around. Whose subjects would be too
    many begins a share, and whose are not what the task takes is alone in one. So are all of a task that this release
    does not have: nobody knows whether they unite.
    """
    task = registered.get(jobs[0].task)
    if task and (len(jobs) == 1 or not task.unites):
        yield jobs
        return
    found = Job.objects.filter(id__in=[job.id for job in jobs]).values_list("id", "kwargs") if task else ()
    subjects_of = {job_id: kwargs for job_id, kwargs in found if task and uniting.can_unite(task, kwargs)}
    left = list(jobs)
    while left:
        leader, *others = left
        subjects = uniting.Subjects()
        can = leader.id in subjects_of and subjects.add(subjects_of[leader.id])
        fit = (job for job in others if can and job.id in subjects_of and subjects.add(subjects_of[job.id]))
        if taken := dict.fromkeys(fit):
            leader.kwargs = subjects.kwargs
            Job.objects.filter(id=leader.id).update(kwargs=leader.kwargs)
        yield [leader, *taken]
        left = [job for job in others if job not in taken]


def stand_for(leader: Job, *others: Job) -> Job:
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
