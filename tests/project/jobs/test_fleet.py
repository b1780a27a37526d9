import pytest
from celery.contrib.testing.worker import start_worker
from django.db import OperationalError, connection

from project.celery import app
from project.jobs import fleet
from project.jobs.models import Job


@pytest.fixture
def no_broker(tmp_path):
    before, app.conf.broker_url = app.conf.broker_url, f"redis+socket://{tmp_path}/none.sock"
    yield
    app.conf.broker_url = before


@pytest.mark.django_db(transaction=True)
def test_workers_are_found_by_their_queues():
    with start_worker(app, perform_ping_check=False, queues=["email", "invoices"], pool="solo", loglevel="ERROR"):
        report = fleet.report()
    assert [name for name, queue in report.queues.items() if queue.workers] == ["email", "invoices"]
    assert report.problems == ["no worker for thumbnails, statistics, housekeeping"]


def test_what_waits_and_runs_is_counted(ada):
    Job.objects.filter(task="email.welcome").update(state="running", lease_until="2100-01-01T00:00Z")
    report = fleet.report()
    assert (report.queues["email"].running, report.queues["email"].waiting) == (1, 0)
    assert report.queues["housekeeping"].waiting == 3
    assert report.queues["housekeeping"].oldest >= 0


def test_a_queue_that_is_no_more_is_still_shown(db):
    Job.objects.create(task="old.task", queue="old")
    assert fleet.report().queues["old"].waiting == 1


def test_a_broker_that_is_down_is_a_problem_in_words(db, no_broker):
    assert fleet.report().problems[0].startswith("the broker does not answer: OperationalError")


def test_a_database_that_is_down_is_a_problem_in_words(db, no_broker):
    def away(*_):
        raise OperationalError("the server closed the connection")

    with connection.execute_wrapper(away):
        text = fleet.report().as_text()
    assert "problem: the database does not answer: the server closed the connection" in text


def test_the_report_is_a_table(ada):
    lines = fleet.report().as_text().splitlines()
    assert lines[0].split() == ["queue", "workers", "waiting", "running", "oldest"]
    assert lines[1].split() == ["email", "0", "1", "0", "0", "s"]
    assert lines[-1].startswith("problem: no worker for email")
