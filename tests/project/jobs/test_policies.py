from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from project.jobs import TaskDefinitionError, enqueue, task
from project.jobs.models import Job
from project.jobs.policies import Policy, RetryLater

SECONDS = st.floats(0, 1e6)


@given(st.integers(1, 10_000), SECONDS, SECONDS)
def test_the_wait_is_never_negative_and_never_above_the_cap(attempt, base, cap):
    assert 0 <= Policy(base=base, cap=cap).wait(attempt) <= min(cap, base * 2.0 ** min(attempt - 1, 60))


def test_the_wait_doubles_and_is_drawn_anew_each_time():
    policy = Policy(base=1, cap=1000)
    waits = [[policy.wait(attempt) for _ in range(200)] for attempt in (1, 4, 20)]
    assert [max(drawn) <= longest for drawn, longest in zip(waits, (1, 8, 1000), strict=True)] == [True] * 3
    assert max(waits[1]) > 4
    assert len(set(waits[0])) > 100


@pytest.mark.parametrize("wrong", [{"attempts": 0}, {"attempts": -1}, {"base": -1}, {"cap": -0.1}])
def test_negative_numbers_are_refused(wrong):
    with pytest.raises(TaskDefinitionError, match="expected at least one attempt, and seconds that are not negative"):
        Policy(**wrong)


@task(queue="housekeeping")
def ask_later() -> None:
    """Say when it may be tried again."""
    raise RetryLater("come back in an hour", after=3600)


def test_a_task_that_knows_says_when_it_may_be_tried_again(db, run):
    job = Job.objects.get(id=enqueue(ask_later))
    with pytest.raises(RetryLater):
        run(job)
    job.refresh_from_db()
    assert timedelta(minutes=59) < job.run_at - timezone.now() < timedelta(minutes=61)
    assert (job.state, job.attempts) == ("waiting", 1)
