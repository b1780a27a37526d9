from datetime import timedelta

import pytest
from celery.contrib.testing.worker import start_worker
from django.db import connection, transaction
from django.utils import timezone

from project.celery import app
from project.jobs import control, enqueue, keeping, publisher, task
from project.jobs.failures import fail_unknown
from project.jobs.models import Job
from project.jobs.policies import RetryLater
from tests.support import until


@pytest.fixture
def old_job(transactional_db):
    """A job of an earlier release, whose task is no more."""
    hour_ago = timezone.now() - timedelta(hours=1)
    return Job.objects.create(task="email.gone", queue="email", run_at=hour_ago, created_at=hour_ago)


def test_a_message_for_a_task_that_is_no_more_fails_its_job_with_the_name(old_job):
    with start_worker(app, perform_ping_check=False, queues=["email"], pool="solo", loglevel="CRITICAL"):
        producer = publisher.connect()
        publisher.send(producer, [publisher.Message(str(old_job.id), old_job.task, old_job.queue)])
        until(lambda: Job.objects.filter(state="failed").exists(), "the job failed")
        publisher.collect(producer)
    old_job.refresh_from_db()
    assert (
        old_job.error == "There is no task email.gone in this release. Bring it back (or its name) and replay the job."
    )
    assert control.replay(Job.objects.all(), actor="ada", reason="it is back").changed == 1


def test_a_job_of_a_newer_release_waits_for_a_newer_worker(transactional_db):
    job = Job.objects.create(task="email.new", queue="email", published_at=timezone.now())
    fail_unknown("email.new", str(job.id))
    job.refresh_from_db()
    assert (job.state, job.published_at) == ("waiting", None)
    assert timedelta(seconds=20) < job.run_at - timezone.now() < timedelta(seconds=40)


def test_a_message_of_another_task_than_its_jobs_changes_nothing(old_job):
    fail_unknown("email.other", str(old_job.id))
    old_job.refresh_from_db()
    assert old_job.state == "waiting"


@pytest.mark.parametrize("job_id", ["nonsense", "", "x" * 500])
def test_a_message_without_a_job_is_said_and_dropped(db, job_id):
    fail_unknown("email.gone", job_id)


@task(queue="housekeeping")
def say(*, words: str) -> None:
    """Fail, and say why."""
    raise ValueError(words.replace("half", "\udcff").replace("none", "\0"))


@pytest.mark.parametrize("words", ["a half character", "a none character"])
def test_an_error_that_no_database_could_keep_is_kept(db, run, words):
    job = Job.objects.get(id=enqueue(say, words=words))
    with pytest.raises(ValueError, match="character"):
        run(job)
    job.refresh_from_db()
    assert (job.state, "a \\" in job.error) == ("waiting", True)


@task(queue="housekeeping")
def come_back(*, after: str) -> None:
    """Say when to be tried again, however senseless."""
    raise RetryLater("busy", after=float(after))


@pytest.mark.parametrize("after", ["inf", "nan", "1e12", "-5"])
def test_a_job_that_says_a_senseless_time_is_tried_again_at_a_sensible_one(db, run, after):
    job = Job.objects.get(id=enqueue(come_back, after=after))
    with pytest.raises(RetryLater):
        run(job)
    job.refresh_from_db()
    assert job.state == "waiting"
    assert job.run_at < timezone.now() + timedelta(days=31)


def test_no_child_inherits_the_parents_connection(transactional_db):
    assert keeping
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    assert connection.connection is not None
    with transaction.atomic():
        keeping.let_go()
        assert connection.connection is not None, "in a transaction there is no fork of ours"
    keeping.let_go()
    assert connection.connection is None
