import threading
from uuid import uuid4

import pytest
from celery.exceptions import Ignore, Reject
from django.db import OperationalError, connection, connections, transaction

from project.audit.models import AuditEntry
from project.jobs import enqueue, patience, patiently, settling, task
from project.jobs.models import Job
from tests.support import until

pytestmark = pytest.mark.django_db(transaction=True)


@task(queue="housekeeping")
def rest() -> None:
    """Do nothing."""


@pytest.fixture
def impatient_database():
    """Lets a statement that meets a lock fail soon, as one does that meets a database that restarts."""
    lock_timeout = "SET lock_timeout = '50ms'" if connection.vendor == "postgresql" else "PRAGMA busy_timeout = 50"
    with connection.cursor() as cursor:
        cursor.execute(lock_timeout)
    yield
    connection.close()


@pytest.fixture
def occupied(impatient_database):
    """Another connection holds the jobs' table until the event is set."""
    held, let_go = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic(), connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("LOCK TABLE jobs_job IN ACCESS EXCLUSIVE MODE")
            held.set()
            let_go.wait(30)
        connections.close_all()

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(5)
    yield let_go
    let_go.set()
    thread.join()


def ask():
    with transaction.atomic():
        return Job.objects.get(id=enqueue(rest))


def after(seconds, event):
    threading.Timer(seconds, event.set).start()


@pytest.fixture
def job():
    return ask()


def test_a_step_waits_for_a_database_that_comes_back(job, occupied):
    tries = []
    after(0.6, occupied)

    def step():
        tries.append(1)
        return Job.objects.update(error="seen")

    assert patiently(step) == 1
    assert len(tries) > 1


def test_a_job_is_claimed_when_the_database_is_back(job, occupied, run):
    after(0.6, occupied)
    run(job)
    assert Job.objects.get().state == "succeeded"


def test_a_message_goes_back_where_the_database_stays_away(job, occupied, run, monkeypatch):
    monkeypatch.setattr(patience, "LONGEST", 0.2)
    with pytest.raises(Reject) as told:
        run(job)
    assert told.value.requeue
    occupied.set()
    until(lambda: Job.objects.filter(state="waiting", attempts=0).exists(), "the job still waits")


def test_inside_a_transaction_nothing_is_tried_again(db):
    tries = []

    def step():
        tries.append(1)
        raise OperationalError("deadlock detected")

    with transaction.atomic(), pytest.raises(OperationalError):
        patiently(step)
    assert len(tries) == 1


@task(queue="email", slow=True)
def write(*, entry_id: str) -> None:
    """Settle patiently."""

    def effect():
        with settling():
            AuditEntry.objects.create(id=entry_id, at="2026-01-01T00:00Z", actor="", action="created", target="t")

    patiently(effect)


def test_an_effect_whose_commit_was_not_answered_happens_once(run, monkeypatch):
    with transaction.atomic():
        job = Job.objects.get(id=enqueue(write, entry_id=str(uuid4())))
    commit = connection._commit

    def lose_the_answer():
        settles = AuditEntry.objects.exists()
        commit()
        if settles:
            monkeypatch.undo()
            raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(connection, "_commit", lose_the_answer)
    with pytest.raises(Ignore):
        run(job)
    assert AuditEntry.objects.count() == 1
    assert Job.objects.get().state == "succeeded"
