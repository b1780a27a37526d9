from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.utils import timezone
from kombu import Producer
from kombu.exceptions import OperationalError

from project.celery import app
from project.jobs import marks, recovery, task
from project.jobs.models import Attempt, BrokerMark, Job, State, Worker

pytestmark = pytest.mark.django_db(transaction=True)
NOW = timezone.now
AGO = timedelta


@task(queue="housekeeping")
def note(*, number: int = 0) -> None:
    """Do nothing."""


@pytest.fixture
def producer(broker_client):
    with app.connection_for_write() as to:
        yield Producer(to)


def job(**fields):
    fields = {"run_at": NOW() - AGO(minutes=1), "created_at": NOW() - AGO(minutes=1), **fields}
    if fields.get("state") == State.RUNNING:
        fields = {
            "lease_until": NOW() + AGO(minutes=5),
            "claims": 1,
            "attempts": 1,
            "started_at": NOW() - AGO(minutes=1),
            **fields,
        }
    return Job.objects.create(task="test_recovery.note", queue="housekeeping", **fields)


def states():
    return list(Job.objects.order_by("id").values_list("state", flat=True))


class TestPublishDue:
    def test_what_was_committed_but_never_published_is_published(self, producer, broker_client):
        job()
        assert recovery.publish_due(producer) == 1
        assert broker_client.llen("housekeeping") == 1
        assert recovery.publish_due(producer) == 0
        assert Job.objects.get().sends == 1

    def test_what_is_not_due_waits(self, producer, broker_client):
        job(run_at=NOW() + AGO(minutes=1))
        job(run_at=NOW())  # its own publisher is at it
        assert recovery.publish_due(producer) == 0

    @pytest.mark.parametrize("state", ["running", "succeeded", "failed", "cancelled"])
    def test_what_does_not_wait_is_left(self, producer, state):
        job(state=state, lease_until=NOW())
        assert recovery.publish_due(producer) == 0

    def test_of_a_queue_that_is_no_more_it_goes_to_its_tasks_present_one(self, producer, broker_client):
        job()
        Job.objects.update(queue="old")
        assert recovery.publish_due(producer) == 0
        assert recovery.publish_due(producer) == 1
        assert broker_client.llen("housekeeping") == 1

    def test_of_neither_queue_nor_task_it_is_failed_and_holds_nobody_up(self, producer):
        stray, other = job(), job()
        Job.objects.filter(id=stray.id).update(queue="old", task="old.task", created_at=NOW() - AGO(hours=1))
        assert recovery.publish_due(producer) == 1
        stray.refresh_from_db()
        other.refresh_from_db()
        assert (stray.state, other.published_at is None) == ("failed", False)
        assert "no task old.task" in stray.error

    def test_a_broker_that_refuses_leaves_it_due(self, producer, tmp_path):
        job()
        nowhere = Producer(app.connection_for_write(f"redis+socket://{tmp_path}/none"), auto_declare=False)
        with pytest.raises(OperationalError):
            recovery.publish_due(nowhere)
        assert recovery.publish_due(producer) == 1


class TestTakeBack:
    @pytest.fixture(autouse=True)
    def me(self):
        Worker.objects.create(name="me", pid=2)

    def test_from_nobody_where_ones_own_heartbeat_is_old(self):
        """Who was frozen finds everybody's heartbeat old."""
        job(state="running", worker="w", started_at=NOW() - AGO(minutes=1))
        Worker.objects.update(heartbeat_at=NOW() - AGO(seconds=16))
        assert recovery.take_back_from_dead_workers("me") == 0

    def test_not_what_was_claimed_lately(self):
        job(state="running", worker="w", started_at=NOW() - AGO(seconds=10))
        assert recovery.take_back_from_dead_workers("me") == 0

    def test_from_a_worker_without_a_heartbeat(self):
        Worker.objects.create(name="w", pid=1, heartbeat_at=NOW() - AGO(seconds=16))
        job(state="running", worker="w")
        assert recovery.take_back_from_dead_workers("me") == 1
        taken = Job.objects.get()
        assert (taken.state, taken.deaths, taken.attempts, taken.published_at) == ("waiting", 1, 0, None)
        assert Attempt.objects.get().error == "its worker died (the 1. time)"

    def test_from_a_worker_that_nobody_knows(self):
        job(state="running", worker="w")
        assert recovery.take_back_from_dead_workers("me") == 1

    def test_what_ran_past_its_lease_though_its_worker_is_alive(self):
        Worker.objects.create(name="w", pid=1)
        job(state="running", worker="w", lease_until=NOW() - AGO(seconds=1))
        assert recovery.take_back_from_dead_workers("me") == 1

    def test_not_from_a_worker_that_is_alive(self):
        Worker.objects.create(name="w", pid=1, heartbeat_at=NOW() - AGO(seconds=10))
        job(state="running", worker="w")
        assert recovery.take_back_from_dead_workers("me") == 0

    def test_from_a_process_that_is_no_more(self):
        started = NOW() - AGO(seconds=6)
        job(state="running", worker="w", pid=1, started_at=started)
        busy = job(state="running", worker="w", pid=2, started_at=started)
        job(state="running", worker="other", pid=3, started_at=started)
        assert recovery.take_back_from_myself("w", {str(busy.id)}, {2}) == 1
        assert states() == ["waiting", "running", "running"]

    def test_what_a_living_process_could_not_settle_is_given_back_and_is_no_death(self):
        job(state="running", worker="w", pid=2, started_at=NOW() - AGO(seconds=6))
        assert recovery.take_back_from_myself("w", set(), {2}) == 1
        given = Job.objects.get()
        assert (given.state, given.deaths, given.attempts) == ("waiting", 0, 0)

    def test_what_was_just_claimed_may_not_be_known_to_its_worker_yet(self):
        job(state="running", worker="w", pid=2, started_at=NOW())
        assert recovery.take_back_from_myself("w", set(), {2}) == 0

    def test_a_job_that_took_three_workers_along_is_failed_with_that_reason(self):
        bad, good = job(state="running", worker="w", deaths=2), job(state="running", worker="w")
        assert recovery.take_back_from_dead_workers("me") == 2
        bad.refresh_from_db()
        good.refresh_from_db()
        assert (bad.state, bad.error) == ("failed", "its worker died (the 3. time): given up")
        assert bad.finished_at
        assert good.state == "waiting"

    def test_a_worker_that_shuts_down_gives_back_without_an_attempt_or_a_death(self):
        job(state="running", worker="w")
        assert recovery.give_back(Job.objects.filter(worker="w"), "stopped") == 1
        given = Job.objects.get()
        assert (given.state, given.attempts, given.deaths, given.published_at) == ("waiting", 0, 0, None)
        assert not Attempt.objects.exists()


class TestFindLost:
    def test_a_broker_whose_memory_is_gone_is_told_of_everything_again(self, producer, broker_client):
        recovery.find_lost(producer)
        jobs = [job(published_at=NOW() - AGO(seconds=1), sends=1) for _ in range(3)]
        broker_client.flushall()
        assert broker_client.exists(f"jobs.mark.{BrokerMark.objects.get()}") == 0
        assert recovery.find_lost(producer) == 3
        assert Job.objects.filter(published_at=None).count() == len(jobs)
        assert recovery.find_lost(producer) == 0

    def test_what_another_worker_has_published_since_is_not_lost(self, producer, broker_client, monkeypatch):
        job(published_at=NOW() - AGO(seconds=1), sends=1)
        is_there = marks.is_there

        def let_the_other_go_first(asking):
            found = is_there(asking)
            monkeypatch.undo()
            assert recovery.find_lost(producer) == 1
            assert recovery.publish_due(producer) == 1
            return found

        monkeypatch.setattr(marks, "is_there", let_the_other_go_first)
        assert recovery.find_lost(producer) == 0
        assert broker_client.llen("housekeeping") == 1

    def test_an_empty_queue_has_lost_what_waits(self, producer):
        recovery.find_lost(producer)
        job(published_at=NOW() - AGO(seconds=6), sends=1)
        assert recovery.find_lost(producer) == 1

    def test_what_was_just_published_may_be_in_somebodys_hands(self, producer):
        recovery.find_lost(producer)
        job(published_at=NOW() - AGO(seconds=2), sends=1)
        assert recovery.find_lost(producer) == 0

    def test_a_long_queue_is_no_loss_however_old(self, producer):
        recovery.find_lost(producer)
        for _ in range(20):
            job()
        assert recovery.publish_due(producer) == 20
        Job.objects.update(published_at=NOW() - AGO(minutes=10))
        assert recovery.find_lost(producer) == 0

    def test_a_job_that_a_later_one_overtook_is_lost(self, producer):
        recovery.find_lost(producer)
        lost = job(published_at=NOW() - AGO(minutes=5), sends=1)
        job()
        recovery.publish_due(producer)  # so the queue is not empty
        job(state="running", published_at=NOW() - AGO(minutes=4), sends=1)
        assert recovery.find_lost(producer) == 1
        lost.refresh_from_db()
        assert lost.published_at is None

    def test_a_second_message_overtakes_nobody(self, producer):
        recovery.find_lost(producer)
        job(published_at=NOW() - AGO(minutes=5), sends=1)
        job()
        recovery.publish_due(producer)
        job(state="running", published_at=NOW() - AGO(minutes=4), sends=2)
        assert recovery.find_lost(producer) == 0


def test_an_idle_round_takes_no_lock_and_few_queries(producer, django_assert_max_num_queries):
    recovery.find_lost(producer)
    with django_assert_max_num_queries(20):
        recovery.publish_due(producer)
        recovery.take_back_from_dead_workers("me")
        recovery.take_back_from_myself("w", set(), set())
        recovery.find_lost(producer)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_two_who_recover_share_the_work(producer):
    for _ in range(300):
        job()

    def publish(_):
        try:
            with app.connection_for_write() as to:
                return recovery.publish_due(Producer(to))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(publish, range(8))) == 300
