import pytest
from celery.exceptions import Ignore
from kombu import Producer

from project.celery import app
from project.jobs import JobsError, enqueue, recovery, task
from project.jobs.models import Intervention, Job, Pause
from project.jobs.pauses import pause, resume

WHO = {"actor": "accounts.user:1", "reason": "the provider is being moved"}
BOTH = pytest.mark.parametrize(("kind", "name"), [("queue", "housekeeping"), ("task", "test_pauses.note")])


@task(queue="housekeeping")
def note() -> None:
    """Do nothing."""


@pytest.fixture
def job(db):
    job_id = enqueue(note)
    Job.objects.filter(id=job_id).update(run_at="2020-01-01T00:00Z", published_at="2020-01-01T00:00Z")
    return Job.objects.get(id=job_id)


def publish():
    with app.connection_for_write() as to:
        return recovery.publish_due(Producer(to))


@BOTH
def test_what_is_paused_is_not_run_and_nothing_is_lost(job, run, kind, name):
    pause(kind, name, **WHO)
    with pytest.raises(Ignore):
        run(job)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.published_at) == ("waiting", 0, None)
    assert publish() == 0


@BOTH
def test_what_is_resumed_is_published_and_run(job, run, kind, name):
    pause(kind, name, **WHO)
    with pytest.raises(Ignore):
        run(job)
    assert resume(kind, name, **WHO) is True
    assert publish() == 1
    run(job)


def test_the_ledger_says_who_and_why(db):
    pause("queue", "email", **WHO)
    resume("queue", "email", **WHO)
    assert [str(each) for each in Intervention.objects.order_by("id")] == [
        "accounts.user:1 pause queue email",
        "accounts.user:1 resume queue email",
    ]


def test_twice_is_once(db):
    pause("queue", "email", **WHO)
    pause("queue", "email", **WHO)
    assert str(Pause.objects.get()) == "queue email"
    assert resume("queue", "email", **WHO) is True
    assert resume("queue", "email", **WHO) is False


@pytest.mark.parametrize(
    ("kind", "name", "words"), [("queue", "emial", "expected one of email"), ("tsk", "x", "queue, task")]
)
def test_what_is_not_there_cannot_be_paused(db, kind, name, words):
    with pytest.raises(JobsError, match=f"There is no {kind} '{name}' to pause; expected one of .*{words.split()[-1]}"):
        pause(kind, name, **WHO)
