"""A long queue behind a slow worker: nothing is sent again; when the broker has lost it, all of it is.

LONG_QUEUE=100000 tries it with what production may see.
"""

import os
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import Max
from django.db.models.functions import Now
from django.utils import timezone

from project.jobs import folding, recovery, task
from project.jobs.hands import Hands
from project.jobs.keeper import Keeper
from project.jobs.models import Job, State
from tests.support import until

pytestmark = pytest.mark.django_db(transaction=True)
MANY = int(os.environ.get("LONG_QUEUE", "5000"))
TEN_MINUTES_AGO = timezone.now() - timedelta(minutes=10)
SLOW_ROUND = 6  # rounds, after which each kind of round has been


@task(queue="housekeeping")
def note() -> None:
    """Do nothing."""


@pytest.fixture
def keeper(broker_client):
    keeper = Keeper("w@here", ["housekeeping"], Hands(None), lambda: None)
    yield keeper
    keeper._disconnect()


@pytest.fixture
def long_queue(keeper, broker_client):
    """Everything waits in the broker, and has done so for ten minutes."""
    make(MANY)
    while broker_client.llen("housekeeping") < MANY:
        keeper.round()
    Job.objects.update(published_at=TEN_MINUTES_AGO)


def make(number):
    made = {"queue": "housekeeping", "run_at": TEN_MINUTES_AGO, "created_at": TEN_MINUTES_AGO}
    jobs = (Job(task="test_long_queue.note", **made) for _ in range(number))
    Job.objects.bulk_create(jobs, batch_size=5000)


def test_of_a_long_queue_nothing_is_sent_again(long_queue, keeper, broker_client):
    for _ in range(SLOW_ROUND):
        keeper.round()
    assert broker_client.llen("housekeeping") == MANY
    assert Job.objects.aggregate(most=Max("sends"))["most"] == 1


def test_when_the_broker_has_lost_it_all_of_it_is(long_queue, keeper, broker_client):
    broker_client.flushall()
    for _ in range(SLOW_ROUND):
        keeper.round()
    until(lambda: keeper.round() or broker_client.llen("housekeeping") == MANY, "all of it sent again", seconds=60)
    assert broker_client.llen("housekeeping") == MANY
    assert set(Job.objects.values_list("sends", flat=True)) == {2}


def test_a_round_that_is_behind_ends_in_time_for_the_heartbeat(long_queue, keeper, broker_client, monkeypatch):
    Job.objects.update(published_at=None)
    monkeypatch.setattr("project.jobs.keeper.AT_A_STRETCH", -1)
    keeper.round()
    assert keeper._is_behind
    assert Job.objects.filter(published_at=None).count() == MANY - recovery.BATCH


WAITING = Job.objects.filter(state=State.WAITING)
QUERIES = {
    "job_due": WAITING.filter(published_at=None, feed="", parked="", run_at__lte=Now()).order_by("run_at", "id"),
    "job_parked": WAITING.exclude(parked=""),
    "job_waiting": WAITING.filter(queue="housekeeping", published_at__lt=Now()),
    "job_about": Job.objects.filter(about__in=["a.b:1", "a.b:2"]).exclude(about="").order_by("-id"),
    "job_failed": Job.objects.filter(state=State.FAILED).order_by("-id"),
    "job_running": Job.objects.filter(state=State.RUNNING, lease_until__lt=Now()),
    "job_feed": WAITING.filter(published_at=None).exclude(feed=""),
    "job_key": folding.waiting_like(Job(task="test_long_queue.note", key="a")),
}


@pytest.mark.parametrize("index", QUERIES)
def test_what_a_round_asks_is_answered_from_an_index(index):
    make(3000)
    Job.objects.update(state=State.SUCCEEDED)
    make(300)
    Job.objects.update(published_at=TEN_MINUTES_AGO)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE jobs_job")
    plan = QUERIES[index].explain()
    # PostgreSQL may find another of the partial ones as good.
    assert index in plan or (connection.vendor == "postgresql" and "Index Scan" in plan and "Seq" not in plan)
