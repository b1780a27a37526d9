from datetime import timedelta

import pytest
from celery.exceptions import Ignore
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from project.accounts.models import Profile
from project.audit.changes import change
from project.audit.models import Action, AuditEntry
from project.blog.models import PostStatistics
from project.jobs import current_job, enqueue, settling, task
from project.jobs.execution import execute
from project.jobs.models import Attempt, Job, State
from project.jobs.policies import Policy
from tasks.housekeeping import record_change

ONCE = Policy(attempts=1)


@task(queue="housekeeping", policy=ONCE)
def add_bio(*, profile_id: int, fails: bool = False) -> str:
    """Change a row; then fail, if asked to."""
    Profile.objects.filter(pk=profile_id).update(bio="done")
    if fails:
        raise ValueError("no " + "x" * 1000)
    return "done"


@task(queue="email", slow=True, policy=ONCE)
def add_bio_slowly(*, profile_id: int, fails: bool = False) -> bool:
    """Work outside a transaction, then settle with the effect."""
    outside = connection.in_atomic_block
    with settling():
        Profile.objects.filter(pk=profile_id).update(bio="done")
        if fails:
            raise ValueError("no")
    return outside


@task(queue="email", slow=True)
def look() -> bool:
    """Tell whether this runs inside a transaction."""
    return connection.in_atomic_block


@task(queue="housekeeping")
def lose_lease(*, profile_id: int) -> None:
    """Change a row while another attempt takes over."""
    Profile.objects.filter(pk=profile_id).update(bio="zombie")
    Job.objects.filter(id=current_job().id).update(claims=2)


@pytest.fixture
def profile(ada):
    return Profile.of(ada)


@pytest.fixture
def ask(db):
    return lambda task, **kwargs: Job.objects.get(id=enqueue(task, **kwargs))


class TestAJobThatSucceeds:
    def test_is_settled_and_tells_of_its_attempt(self, ask, run, profile):
        job = ask(add_bio, profile_id=profile.pk)
        assert run(job) == "done"
        job.refresh_from_db()
        assert (job.state, job.attempts, job.worker, job.error) == ("succeeded", 1, "test@here", "")
        assert job.created_at <= job.started_at <= job.finished_at
        assert job.lease_until is None
        assert job.is_settled
        (attempt,) = job.ended_attempts()
        assert (attempt.number, attempt.outcome, attempt.worker) == (1, "succeeded", "test@here")
        assert str(attempt) == f"attempt 1 of {job.id}"

    def test_has_its_effect(self, ask, run, profile):
        run(ask(add_bio, profile_id=profile.pk))
        profile.refresh_from_db()
        assert profile.bio == "done"

    def test_knows_itself_while_it_runs_and_nobody_after(self, ask, run):
        run(ask(lose_nothing))
        assert current_job() is None


@task(queue="housekeeping")
def lose_nothing() -> None:
    """Look at the job that runs."""
    job = current_job()
    assert job.state == State.RUNNING
    left = job.lease_until - timezone.now()
    assert timedelta(seconds=60) < left <= timedelta(seconds=91), "the hard time limit and a margin"


class TestAJobThatFails:
    def test_keeps_its_error_and_its_attempt(self, ask, run, profile):
        job = ask(add_bio, profile_id=profile.pk, fails=True)
        with pytest.raises(ValueError, match="no x"):
            run(job)
        job.refresh_from_db()
        assert job.state == "failed"
        assert job.error.startswith("ValueError: no xxx")
        assert len(job.error) == 500
        assert "in add_bio" in job.tries.get().traceback

    def test_has_no_effect(self, ask, run, profile):
        with pytest.raises(ValueError, match="no"):
            run(ask(add_bio, profile_id=profile.pk, fails=True))
        profile.refresh_from_db()
        assert profile.bio == ""

    def test_leaves_its_neighbours_alone(self, ask, run, profile):
        bad, good = ask(add_bio, profile_id=profile.pk, fails=True), ask(add_bio, profile_id=profile.pk)
        with pytest.raises(ValueError, match="no"):
            run(bad)
        assert run(good) == "done"

    def test_with_arguments_that_fit_no_more_says_so(self, ask, run):
        job = ask(look)
        Job.objects.filter(id=job.id).update(kwargs={"gone": 1})
        with pytest.raises(TypeError, match="gone"):
            run(job)
        job.refresh_from_db()
        assert (job.state, "gone" in job.error) == ("failed", True)


class TestARowThatWasEditedByHand:
    @pytest.mark.parametrize("kwargs", [[1, 2], "text", 5, {"1": 2}, {"profile_id": "x", "more": {}}])
    def test_into_arguments_that_are_none_is_failed_at_once(self, ask, run, profile, kwargs):
        job = ask(add_bio, profile_id=profile.pk)
        Job.objects.filter(id=job.id).update(kwargs=kwargs)
        with pytest.raises(TypeError):
            run(job)
        job.refresh_from_db()
        assert (job.state, job.error.startswith("TypeError: ")) == ("failed", True)

    @pytest.mark.parametrize(
        "values", [{"attempts": 999}, {"claims": 70_000}, {"deaths": 99}, {"worker": "nobody", "pid": 1}, {"sends": 0}]
    )
    def test_into_odd_numbers_runs(self, ask, run, profile, values):
        job = ask(add_bio, profile_id=profile.pk)
        Job.objects.filter(id=job.id).update(**values)
        assert run(job) == "done"

    @pytest.mark.parametrize("values", [{"state": "nonsense"}, {"state": "running"}, {"attempts": -1}])
    def test_into_what_cannot_be_is_refused_by_the_database(self, ask, profile, values):
        job = ask(add_bio, profile_id=profile.pk)
        with pytest.raises(IntegrityError), transaction.atomic():
            Job.objects.filter(id=job.id).update(**values)

    def test_to_another_task_is_run_as_that_when_it_is_published_again(self, ask, run, profile):
        job = ask(look)
        Job.objects.filter(id=job.id).update(task="test_execution.lose_nothing")
        with pytest.raises(Ignore):
            execute(look, job_id=str(job.id), worker="test")
        job.refresh_from_db()
        run(job)
        assert Job.objects.get(id=job.id).state == "succeeded"


@pytest.mark.django_db(transaction=True)
class TestASlowTask:
    def test_runs_outside_a_transaction_and_settles_with_its_effect(self, ask_now, run, ada):
        profile = Profile.of(ada)
        job = ask_now(add_bio_slowly, profile_id=profile.pk)
        assert run(job) is False
        assert Job.objects.get(id=job.id).state == "succeeded"
        assert [each.outcome for each in Job.objects.get(id=job.id).ended_attempts()] == ["succeeded"]

    def test_that_fails_while_settling_has_no_effect(self, ask_now, run, ada):
        profile = Profile.of(ada)
        job = ask_now(add_bio_slowly, profile_id=profile.pk, fails=True)
        with pytest.raises(ValueError, match="no"):
            run(job)
        profile.refresh_from_db()
        assert (Job.objects.get(id=job.id).state, profile.bio) == ("failed", "")

    def test_that_never_settles_is_settled(self, ask_now, run):
        job = ask_now(look)
        assert run(job) is False
        assert Job.objects.get(id=job.id).state == "succeeded"


@pytest.fixture
def ask_now(transactional_db):
    def enqueue_and_commit(task, **kwargs):
        with transaction.atomic():
            return Job.objects.get(id=enqueue(task, **kwargs))

    return enqueue_and_commit


class TestAMessage:
    def test_that_comes_twice_runs_once(self, ask, run, ada, nothing_waits):
        nothing_waits()
        job = ask(record_change, **change(ada, Action.CREATED))
        run(job)
        with pytest.raises(Ignore):
            run(job)
        assert AuditEntry.objects.count() == 1
        assert Job.objects.get(id=job.id).attempts == 1

    def test_of_a_job_that_runs_elsewhere_is_dropped(self, ask, run):
        job = ask(look)
        Job.objects.filter(id=job.id).update(state="running", lease_until=timezone.now(), attempts=1)
        with pytest.raises(Ignore):
            run(job)
        assert Job.objects.get(id=job.id).attempts == 1

    @pytest.mark.parametrize("job_id", ["0198c0de-0000-7000-8000-000000000000", "nonsense", "", "x" * 500, "1"])
    @pytest.mark.django_db
    def test_for_no_job_is_dropped(self, job_id):
        with pytest.raises(Ignore):
            execute(look, job_id=job_id, worker="test")

    def test_that_names_another_task_is_dropped(self, ask):
        job = ask(look)
        with pytest.raises(Ignore):
            execute(add_bio, job_id=str(job.id), worker="test")
        assert Job.objects.get(id=job.id).state == "waiting"

    def test_before_its_time_is_dropped(self, ask, run):
        job = ask(look)
        Job.objects.filter(id=job.id).update(run_at=timezone.now() + timedelta(hours=1))
        with pytest.raises(Ignore):
            run(job)


class TestTheFence:
    def test_who_lost_the_lease_changes_nothing(self, ask, run, profile):
        job = ask(lose_lease, profile_id=profile.pk)
        with pytest.raises(Ignore):
            run(job)
        profile.refresh_from_db()
        assert profile.bio == ""
        assert not Attempt.objects.exists()

    def test_outside_a_job_settling_is_a_plain_transaction(self, post):
        with settling():
            assert connection.in_atomic_block
            PostStatistics.objects.create(post=post, as_of=timezone.now())
        assert PostStatistics.objects.count() == 1
