from datetime import timedelta

import pytest
from celery.exceptions import Ignore
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from project.celery import app
from project.jobs import EnqueueError, TaskDefinitionError, enqueue, feeding, pauses, recovery, task
from project.jobs.models import Feed, Job
from project.jobs.publisher import publisher, send_fed
from tests.support import until

pytestmark = pytest.mark.django_db(transaction=True)
FEED = "task test_feeding.paint"
LOW = "low housekeeping"


@task(queue="housekeeping", at_once=2)
def paint(*, number: int = 0, fails: bool = False) -> None:
    """Do nothing, or fail."""
    if fails:
        raise ValueError("no")


@task(queue="housekeeping", per_second=10)
def call() -> None:
    """Do nothing."""


@task(queue="housekeeping")
def note() -> None:
    """Do nothing."""


def ask(which=paint, number=1, **kwargs):
    with transaction.atomic():
        return [enqueue(which, **kwargs) for _ in range(number)]


def published(**fields):
    return Job.objects.filter(published_at__isnull=False, **fields).order_by("run_at", "id")


def is_fed(which):
    until(lambda: published().count() == which, f"{which} published")
    publisher.close()  # so that nothing is fed any more but what the test lets be fed


class TestAtOnce:
    def test_no_more_are_published_than_may_run(self, broker_client):
        ask(number=5)
        is_fed(2)
        assert broker_client.llen("housekeeping") == 2

    def test_one_that_ends_lets_the_next_one_go(self, broker_client, run):
        ask(number=3)
        is_fed(2)
        run(published()[0])
        is_fed(3)
        assert Job.objects.filter(state="succeeded").count() == 1

    def test_so_does_one_that_fails(self, broker_client, run):
        ask(fails=True)
        ask(number=2)
        is_fed(2)
        with pytest.raises(ValueError, match="no"):
            run(published()[0])
        is_fed(2)
        assert Job.objects.filter(published_at=None).get().attempts == 1

    def test_a_message_of_one_that_is_held_runs_nothing(self, broker_client, run):
        ask(number=3)
        is_fed(2)
        with pytest.raises(Ignore):
            run(Job.objects.get(published_at=None))

    def test_what_nobody_let_go_recovery_does(self, broker_client, producer):
        ask(number=3)
        is_fed(2)
        Job.objects.filter(published_at__isnull=False).update(state="succeeded")
        assert recovery.publish_due(producer) == 0
        assert recovery.publish_fed(producer) == 1
        assert recovery.publish_fed(producer) == 0

    def test_a_broker_that_refuses_leaves_them_held(self, broker_client, tmp_path, producer):
        ask(number=3)
        is_fed(2)
        Job.objects.update(published_at=None)
        nowhere = type(producer)(app.connection_for_write(f"redis+socket://{tmp_path}/none"), auto_declare=False)
        with pytest.raises(OperationalError):
            send_fed(nowhere, FEED)
        assert not published().exists()
        assert send_fed(producer, FEED) == 2

    def test_while_it_is_paused_none_goes(self, broker_client, producer):
        pauses.pause("task", "test_feeding.paint", actor="ada", reason="a look")
        ask(number=2)
        assert recovery.publish_fed(producer) == 0
        pauses.resume("task", "test_feeding.paint", actor="ada", reason="seen")
        recovery.publish_fed(producer)
        is_fed(2)  # by that, or by the publisher's thread, which may have been late


class TestPerSecond:
    def test_a_second_has_its_share_and_the_next_one_too(self, broker_client, producer):
        ask(call, 25)
        is_fed(10)
        assert recovery.publish_fed(producer) <= 3, "a moment's share"
        Feed.objects.update(tokens=0, filled_at=timezone.now() - timedelta(seconds=0.5))
        before = published().count()
        assert 4 <= recovery.publish_fed(producer) <= 10
        Feed.objects.update(tokens=0, filled_at=timezone.now() - timedelta(hours=1))
        assert recovery.publish_fed(producer) <= 10, "what was not used in an hour is not made up for"
        assert published().count() > before


class TestLowPriority:
    def test_few_are_in_the_way_of_what_is_asked_for_afterwards(self, broker_client):
        ask(note, 100, priority=-1)
        is_fed(feeding.LOW_AT_ONCE)
        ask(note)
        is_fed(feeding.LOW_AT_ONCE + 1)
        assert broker_client.llen("housekeeping") == feeding.LOW_AT_ONCE + 1

    def test_the_less_low_go_first(self, broker_client, producer, run):
        for priority in (-3, -1, -2):
            ask(note, feeding.LOW_AT_ONCE, priority=priority)
            is_fed(feeding.LOW_AT_ONCE)
        for _ in range(2):
            until(lambda: published(state="waiting").count() == feeding.LOW_AT_ONCE, "full")
            published(state="waiting").update(state="succeeded")
            recovery.publish_fed(producer)
        done = list(Job.objects.filter(state="succeeded").values_list("priority", flat=True))
        assert sorted(done) == [-3] * feeding.LOW_AT_ONCE + [-1] * feeding.LOW_AT_ONCE

    def test_a_limited_task_has_its_own_limit(self, broker_client):
        ask(paint, priority=-1)
        assert Job.objects.get().feed == FEED


def test_jobs_whose_task_lost_its_limit_are_let_go(broker_client, producer):
    ask(number=3)
    is_fed(2)
    Job.objects.update(feed="task old")
    assert feeding.take("task old") == []
    assert feeding.let_go(feeding.limits()) == 3
    assert feeding.let_go(feeding.limits()) == 0
    Job.objects.update(run_at=timezone.now() - timedelta(minutes=1))
    assert recovery.publish_due(producer) == 1


def test_a_feed_that_fails_is_left_to_recovery(broker_client, producer):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE jobs_feed RENAME TO away")
    try:
        ask()
        publisher._feed(producer, FEED)  # what its thread does; nothing is raised
        with pytest.raises(DatabaseError):
            recovery.publish_fed(producer)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE away RENAME TO jobs_feed")
    assert str(Feed(name=FEED)) == FEED
    until(lambda: recovery.publish_fed(producer) or published().exists(), "it is published")


@pytest.mark.parametrize("options", [{"at_once": -1}, {"per_second": -1}, {"at_once": 1, "bundle": 2}])
def test_limits_that_make_no_sense_are_refused(options):
    with pytest.raises(TaskDefinitionError, match="expected numbers"):

        @task(queue="email", **options)
        def never():
            """Nothing."""


def test_a_priority_above_all_others_is_refused():
    with transaction.atomic(), pytest.raises(EnqueueError, match="expected 0, or less"):
        enqueue(note, priority=1)
