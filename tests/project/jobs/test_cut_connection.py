"""The connection is cut before any one statement of a job's life: nothing is lost, nothing happens twice."""

import itertools
import os
from contextlib import suppress
from uuid import uuid4

import psycopg
import pytest
from celery.exceptions import Ignore, Reject
from django.db import Error, connection, transaction

from project.audit.models import AuditEntry
from project.jobs import enqueue, patience, recovery, settling, task
from project.jobs.models import Job
from project.jobs.patience import look_at_connection

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no connection to cut"),
]

AGES_AGO = "2026-01-01T00:00Z"


def write(entry_id):
    AuditEntry.objects.create(id=entry_id, at=AGES_AGO, actor="", action="created", target="t")


@task(queue="housekeeping")
def write_at_once(*, entry_id: str) -> None:
    """Write a row in the transaction that settles."""
    write(entry_id)


@task(queue="email", slow=True)
def write_slowly(*, entry_id: str) -> None:
    """Write a row outside a transaction's slow part."""
    with settling():
        write(entry_id)


class Cutter:
    """Cuts the connection before the statement of a number, as an administrator or a firewall does."""

    def __init__(self, number):
        self.left = number

    def __call__(self, execute, sql, params, many, context):
        self.left -= 1
        if self.left == 0:
            cut(context["connection"].connection.info.backend_pid)
        return execute(sql, params, many, context)


def cut(pid):
    at = connection.settings_dict
    with psycopg.connect(host=at["HOST"], port=at["PORT"], user=at["USER"], password=at["PASSWORD"]) as other:
        other.execute("SELECT pg_terminate_backend(%s, 1000)", [pid])


def ask(which):
    with transaction.atomic():
        return Job.objects.get(id=enqueue(which, entry_id=str(uuid4())))


def live(job, run):
    """Run the job, and do what a keeper's next rounds do for it, until it is settled."""
    for step in (lambda: run(job), lambda: take_back(job)) * 4:
        with suppress(Ignore, Reject, Error):
            step()
        look_at_connection()
        with suppress(Error):
            if Job.objects.get(id=job.id).is_settled:
                return


def take_back(job):
    Job.objects.filter(state="running").update(started_at=AGES_AGO)
    Job.objects.filter(state="waiting").update(run_at=AGES_AGO)  # a cut in the effect is an attempt, and has its wait
    recovery.take_back_from_myself("test@here", (), {os.getpid()})


@pytest.mark.parametrize("which", [write_at_once, write_slowly], ids=lambda task: task.name)
def test_before_whichever_statement_it_is_cut_a_job_has_its_effect_once(which, run, monkeypatch):
    monkeypatch.setattr(patience, "PAUSE", 0.01)
    for number in itertools.count(1):
        job, cutter = ask(which), Cutter(number)
        with connection.execute_wrapper(cutter):
            live(job, run)
        job.refresh_from_db()
        assert (job.state, job.attempts <= 2, job.deaths) == ("succeeded", True, 0), number
        assert AuditEntry.objects.count() == number
        if cutter.left > 0:
            break
    assert number > 3, "all statements of a life were met"
