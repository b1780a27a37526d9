import pytest

from project.jobs import JobsError, control, enqueue, task
from project.jobs.models import Intervention, Job

WHO = {"actor": "accounts.user:1", "reason": "asked for by phone"}


@task(queue="housekeeping")
def note() -> None:
    """Do nothing."""


@pytest.fixture
def ask(db):
    def make(state="waiting", **fields):
        job_id = enqueue(note)
        Job.objects.filter(id=job_id).update(state=state, lease_until="2100-01-01T00:00Z", **fields)
        return Job.objects.filter(id=job_id)

    return make


def state(jobs):
    return jobs.get().state


def test_a_waiting_job_is_cancelled_and_the_ledger_says_who_and_why(ask):
    jobs = ask()
    assert control.cancel(jobs, **WHO).in_words == "1 changed"
    assert state(jobs) == "cancelled"
    [kept] = jobs.get().interventions.all()
    assert (kept.actor, kept.action, kept.reason) == ("accounts.user:1", "cancel", "asked for by phone")
    assert str(kept) == "accounts.user:1 cancel test_control.note"


@pytest.mark.parametrize("late", ["running", "succeeded", "failed", "cancelled"])
def test_a_cancel_that_comes_too_late_says_so(ask, late):
    jobs = ask(late)
    assert control.cancel(jobs, **WHO).in_words == "0 changed, 1 came too late or are in another state"
    assert state(jobs) == late
    assert not Intervention.objects.exists()


def test_a_cancelled_job_is_not_run(ask, work):
    jobs = ask()
    control.cancel(jobs, **WHO)
    work()
    assert state(jobs) == "cancelled"


@pytest.mark.parametrize("ended", ["failed", "cancelled"])
def test_what_ended_without_success_is_replayed_with_all_its_attempts(ask, work, ended):
    jobs = ask(ended, attempts=10, deaths=2)
    assert control.replay(jobs, **WHO).changed == 1
    assert (jobs.get().attempts, jobs.get().deaths, jobs.get().published_at) == (0, 0, None)
    work()
    assert state(jobs) == "succeeded"


def test_what_succeeded_is_not_replayed(ask):
    assert control.replay(ask("succeeded"), **WHO).refused == 1


def test_a_failed_job_is_discarded(ask):
    jobs = ask("failed")
    control.discard(jobs, **WHO)
    assert state(jobs) == "cancelled"


def test_a_filter_takes_them_all_in_batches(ask):
    for _ in range(1100):
        enqueue(note)
    done = control.cancel(Job.objects.filter(queue="housekeeping"), **WHO)
    assert (done.changed, Intervention.objects.count()) == (1100, 1100)


@pytest.mark.parametrize("nobody", [{"actor": "", "reason": "x"}, {"actor": "x", "reason": " "}])
def test_what_nobody_answers_for_is_refused(ask, nobody):
    with pytest.raises(JobsError, match="needs who and why"):
        control.cancel(ask(), **nobody)
