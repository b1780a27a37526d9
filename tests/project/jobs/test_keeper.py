import threading
import time
from datetime import timedelta
from types import SimpleNamespace

import pytest
from celery.worker import state
from django.utils import timezone

from project.celery import app
from project.jobs.hands import Hands
from project.jobs.keeper import Keeper
from project.jobs.models import Job, Worker
from tests.support import until

pytestmark = pytest.mark.django_db(transaction=True)


class Empty(Hands):
    """The hands of a worker that works on nothing and takes nothing."""

    def __init__(self):
        super().__init__(pool=None)

    def jobs(self):
        return set()

    def taken(self):
        return 7


@pytest.fixture
def given_up():
    return threading.Event()


@pytest.fixture
def keeper(broker_client, given_up):
    made = Keeper("w@here", ["housekeeping"], Empty(), given_up.set)
    yield made
    made._disconnect()


def job(**fields):
    past = timezone.now() - timedelta(minutes=1)
    return Job.objects.create(**{"task": "a.b", "queue": "housekeeping", "run_at": past, **fields})


def running(**fields):
    lease = timezone.now() + timedelta(minutes=5)
    return job(
        state="running",
        lease_until=lease,
        claims=1,
        attempts=1,
        started_at=timezone.now() - timedelta(minutes=1),
        **fields,
    )


def test_a_round_says_alive_and_publishes_what_is_due(keeper, broker_client):
    job()
    keeper.round()
    alive = Worker.objects.get()
    assert (str(alive), alive.queues) == ("w@here", ["housekeeping"])
    assert broker_client.llen("housekeeping") == 1


def test_more_than_one_batch_is_published_in_a_round(keeper, broker_client):
    past = timezone.now() - timedelta(minutes=1)
    Job.objects.bulk_create(Job(task="a.b", queue="housekeeping", run_at=past) for _ in range(1001))
    keeper.round()
    assert broker_client.llen("housekeeping") == 1001


def test_its_thread_does_rounds_until_it_is_stopped(keeper, broker_client):
    job()
    keeper.start()
    until(lambda: broker_client.llen("housekeeping") == 1, "the due job published")
    keeper.stop()
    assert not Worker.objects.exists()


def test_a_worker_that_stops_gives_back_what_it_ran(keeper):
    held = running(worker="w@here")
    keeper.leaving = True
    keeper.start()
    keeper.stop()
    held.refresh_from_db()
    assert (held.state, held.attempts, held.deaths) == ("waiting", 0, 0)


def test_what_a_dead_worker_held_is_taken_back_once_the_keeper_has_been_steady(keeper):
    held = running(worker="dead@here")
    keeper.round()
    held.refresh_from_db()
    assert held.state == "running", "after an outage of the database every heartbeat is old"
    keeper._steady_since -= 16
    keeper.round()
    held.refresh_from_db()
    assert (held.state, held.deaths) == ("waiting", 1)


def test_a_worker_that_shuts_down_says_alive_and_leaves_the_rest_to_others(keeper, broker_client):
    job()
    keeper.leaving = True
    keeper.round()
    assert (Worker.objects.count(), broker_client.llen("housekeeping")) == (1, 0)


def test_a_round_that_fails_is_said_and_the_next_one_works(keeper, broker_client, tmp_path, caplog):
    job()
    before, app.conf.broker_url = app.conf.broker_url, f"redis+socket://{tmp_path}/none"
    keeper._steady_since -= 16
    keeper.round()
    app.conf.broker_url = before
    assert "round_failed" in caplog.text
    assert time.monotonic() - keeper._steady_since < 16
    keeper.round()
    assert broker_client.llen("housekeeping") == 1


def test_a_producer_whose_broker_died_is_let_go(keeper, broker_client, caplog, tmp_path):
    keeper.round()
    keeper._producer = type(keeper._producer)(app.connection_for_write(f"redis+socket://{tmp_path}/none"))
    job()
    keeper.round()
    assert keeper._producer is None
    keeper.round()
    assert broker_client.llen("housekeeping") == 1


def test_a_worker_that_takes_nothing_though_its_queue_waits_ends_itself(keeper, broker_client, given_up):
    broker_client.lpush("housekeeping", "{}")
    keeper.round()
    keeper._rounds = 0
    keeper.round()
    assert not given_up.is_set()
    keeper._last_taken = (7, time.monotonic() - 21)
    keeper._rounds = 0
    keeper.round()
    assert given_up.is_set()


def test_a_message_reserved_when_the_connection_died_does_not_make_it_look_busy(keeper, broker_client, given_up):
    """It stays reserved for ever: with one message in hand at most, the worker then takes no other."""
    ghost = SimpleNamespace(id="01a20882-a084-728d-b45d-5ed7f2bb437d", name="a.b")
    state.requests[ghost.id] = ghost
    broker_client.lpush("housekeeping", "{}")
    keeper.hands = Hands(None)
    try:
        keeper._last_taken = (keeper.hands.taken(), time.monotonic() - 21)
        keeper.round()
    finally:
        del state.requests[ghost.id]
    assert given_up.is_set()


def test_a_worker_that_stood_still_knows_nothing_of_others_for_a_while(keeper):
    held = running(worker="dead@here")
    keeper.round()
    keeper._steady_since -= 16
    keeper._last_beat -= 16
    keeper.round()
    held.refresh_from_db()
    assert held.state == "running"


def test_a_worker_whose_queue_is_empty_goes_on(keeper, given_up):
    keeper._last_taken = (7, time.monotonic() - 21)
    keeper.round()
    assert not given_up.is_set()


def test_leaving_without_a_database_is_said_and_the_worker_ends(keeper, caplog, django_db_blocker):
    keeper.start()
    keeper._stopping.set()
    keeper._thread.join()
    with django_db_blocker.block():
        keeper.stop()
    assert "worker_left_unsaid" in caplog.text
