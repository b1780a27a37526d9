"""What always holds in the ledger, whatever is done to it."""

from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from project.audit.models import AuditEntry
from project.jobs import recovery
from project.jobs.folding import RUNS
from project.jobs.models import Job
from tests.project.jobs.ledger_tasks import TRIES, away
from tests.project.jobs.ledger_world import as_now, now

SETTLED = {"succeeded", "failed", "cancelled", "folded"}
SLACK = 2.0  # seconds that a busy machine needs between two statements


@dataclass(frozen=True)
class Ask:
    """One ask under a key, for a run that sees a change. due, latest: when it may run, and when it must."""

    job: UUID
    key: str
    number: int
    due: float
    latest: float


def check_all(before, committed, asked, replays):
    """Checks the ledger against what was done to it. Returns its jobs, which are the next `before`."""
    jobs = {job.id: job for job in Job.objects.all()}
    assert jobs.keys() == set(committed), "both or neither"
    effects = AuditEntry.objects.filter(actor="test").order_by("id")
    saw = [(each.target, each.changes) for each in effects]
    succeeded = {str(key): 1 for key, job in jobs.items() if job.state == "succeeded"}
    assert Counter(target for target, _ in saw) == succeeded, "one effect"
    tries = {key: job.ended_attempts() for key, job in jobs.items()}
    for key, job in jobs.items():
        since = replays.get(key, 0)
        check(job, tries[key])
        check_counts(job, [each for each in tries[key] if each.number > since], carried(job, jobs, since))
        check_way(before.get(key), job)
    check_folding(jobs, asked, dict(saw))
    return jobs


def check(job, tries):
    """Checks one job and all its tries."""
    assert (job.state == "running") == (job.lease_until is not None), "a lease while it runs"
    assert (job.state in SETTLED) == (job.finished_at is not None), "an end when it has ended"
    numbers = [each.number for each in tries]
    assert len(set(numbers)) == len(numbers), "one attempt a claim"
    assert all(0 < number <= job.claims for number in numbers)
    done = [each.number for each in tries if each.outcome == "succeeded"]
    assert done == ([job.claims] if job.state == "succeeded" else []), "settled by the latest claim"
    if job.state == "running":
        assert job.claims not in numbers
        assert not job.parked


def check_counts(job, lately, carried):
    """Checks what one job counts: its tries since it was last replayed, and the deaths of those that it stands for."""
    outcomes = Counter(each.outcome for each in lately)
    given_up = job.deaths == recovery.MOST_DEATHS
    died = outcomes["died"]
    assert max(died, carried[0]) <= job.deaths <= min(died + carried[1], recovery.MOST_DEATHS), "no death is forgotten"
    assert not given_up or job.state in {"failed", "cancelled"}
    free = sum((job.id, each.number) in away for each in lately if each.outcome == "failed")
    begun = outcomes["failed"] + outcomes["succeeded"] + (job.state == "running") + given_up
    assert job.attempts == begun - free, "a try counts, but for one that found the server away"
    assert job.attempts <= TRIES
    if job.state == "failed":
        assert given_up or job.attempts == TRIES or lately[-1].error.startswith("Hopeless"), "given up for a reason"


def carried(job, jobs, since):
    """Returns how many deaths a job has at least and at most from those that it stands for."""
    most = max((each.deaths for each in jobs.values() if each.leader == job.id), default=0)
    return (0 if since else most), most


def check_way(before, job):
    """Checks what became of one job in one step."""
    if before is None:
        return
    assert job.claims >= before.claims
    assert job.sends >= before.sends
    if before.state in {"succeeded", "folded"}:
        assert job.state == before.state
        assert job.leader == before.leader


def check_folding(jobs, asked, saw):
    """Checks that each ask counts once, and that whoever stands for it sees its change."""
    keyed = [job for job in jobs.values() if job.key]
    runs = Counter((job.task, job.key) for job in keyed if job.state == "running")
    assert set(runs.values()) <= {1}, "one run at a time"
    assert sum(job.asks for job in keyed if job.state != "folded") == len(asked), "each ask counts once"
    latest = {}
    for ask in asked:
        job = leader(jobs, ask.job)
        latest.setdefault(job, []).append(ask.latest)
        if job.state == "succeeded":
            assert ask.number in saw[str(job.id)]["saw"], "a change is seen by a run that stands for its ask"
            assert ask.number in saw[str(job.id)].get("told", [ask.number]), "and its subject was told"
        assert ask.number in job.kwargs.get("numbers", [ask.number]), "whoever stands for an ask has its subject"
    for job, each in latest.items():
        if job.state == "waiting":
            check_patience(job, min(each))


def check_patience(job, latest):
    """Checks that a job is put off no longer than any of its asks allows, or than another one of its key runs."""
    if job.run_by:
        assert as_now(job.run_by) <= latest + SLACK, "it is put off no longer than any ask allows"
    if not job.claims:
        assert as_now(job.run_at) <= max(latest, now() + RUNS.total_seconds()) + SLACK, "its time has come"


def leader(jobs, key):
    """Returns the job that stands for one: itself, where it is not folded."""
    job = jobs[key]
    while job.state == "folded":
        after = jobs[job.leader]
        assert (after.task, after.key) == (job.task, job.key)
        job = after
    return job


def check_order(jobs):
    """Checks that of two runs of a key the later one saw all that the earlier one saw."""
    last = {}
    for each in AuditEntry.objects.filter(actor="test").order_by("id"):
        job = next(job for key, job in jobs.items() if str(key) == each.target)
        if job.key:
            before, saw = last.get((job.task, job.key), set()), set(each.changes["saw"])
            assert before <= saw, "the last to write has seen most"
            last[job.task, job.key] = saw


def check_due(job, asked):
    """Checks that a claimed job was not claimed before its asks have settled, or may wait no longer."""
    jobs = {each.id: each for each in Job.objects.exclude(key="")}
    asks = [ask for ask in asked if job.key and job.claims == 1 and leader(jobs, ask.job).id == job.id]
    if asks:
        assert now() + SLACK >= min(max(ask.due for ask in asks), *(ask.latest for ask in asks)), "it has settled"
