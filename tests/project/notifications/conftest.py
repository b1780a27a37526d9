"""A mail server in a process of its own, and attempts of a job that writes to somebody."""

import pytest

from project.jobs import enqueue
from project.jobs.models import Job
from project.notifications.models import Delivery
from tests.mail_server import mail_server
from tests.project.notifications.letters import write_to


@pytest.fixture(scope="session")
def started():
    with mail_server() as server:
        yield server


@pytest.fixture
def server(started, settings, db):
    settings.EMAIL_BACKEND = "project.notifications.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", started.port, 0.3
    started.answer()
    return started


@pytest.fixture
def attempt(run):
    """Makes one attempt of a job. Returns the job, what was raised, and the delivery as it is then."""

    def once(job=None, address="ada@example.com"):
        job = job or Job.objects.get(id=enqueue(write_to, address=address))
        error = None
        try:
            run(job)
        except Exception as raised:  # noqa: BLE001  what it is the test says
            error = raised
        job.refresh_from_db()
        return job, error, Delivery.objects.filter(job=job).first()

    return once
