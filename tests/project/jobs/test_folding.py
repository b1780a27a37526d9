import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

import pytest
from celery.exceptions import Ignore
from django.db import IntegrityError, connection, connections, transaction
from django.utils import timezone

from project.catalog.models import Product
from project.jobs import EnqueueError, claiming, enqueue, folding, pauses, recovery, task
from project.jobs.errors import NotClaimed
from project.jobs.messages import collect, connect
from project.jobs.models import Job
from project.jobs.registry import registered
from tests.support import until

pytestmark = pytest.mark.django_db(transaction=True)
seen = []


@task(queue="statistics")
def look_at(*, product_id: int) -> None:
    """See the product as it is now."""
    seen.append(Product.objects.get(pk=product_id).stock)


@pytest.fixture(autouse=True)
def nothing_seen():
    seen.clear()


def ask(key="product:1", **kwargs):
    with transaction.atomic():
        job = Job.objects.get(id=enqueue(look_at, key=key, product_id=1, **kwargs))
    until(lambda: "settle" in kwargs or not Job.objects.filter(published_at=None).exists(), "it is published")
    return job


def states():
    return list(Job.objects.filter(task="test_folding.look_at").order_by("id").values_list("state", "asks"))


def due(**fields):
    Job.objects.update(run_at=timezone.now() - timedelta(minutes=1), **fields)


@pytest.fixture
def product(transactional_db):
    made = Product.objects.create(pk=1, name="Lamp", slug="lamp", price=1, stock=5)
    Job.objects.all().delete()
    return made


@pytest.fixture
def recover(broker):
    producer = connect()
    yield lambda: recovery.publish_due(producer)
    collect(producer)


class TestInOneTransaction:
    def test_asking_again_adds_to_a_count(self, product):
        with transaction.atomic():
            ids = {enqueue(look_at, key="product:1", product_id=1) for _ in range(10)}
        assert len(ids) == 1
        assert states() == [("waiting", 10)]

    def test_what_was_asked_in_a_savepoint_that_is_rolled_back_is_asked_anew(self, product):
        with transaction.atomic():
            point = transaction.savepoint()
            enqueue(look_at, key="product:1", product_id=1)
            transaction.savepoint_rollback(point)
            enqueue(look_at, key="product:1", product_id=1)
        assert states() == [("waiting", 1)]

    def test_a_count_of_a_savepoint_that_is_rolled_back_is_not_kept(self, product):
        with transaction.atomic():
            enqueue(look_at, key="product:1", product_id=1)
            point = transaction.savepoint()
            enqueue(look_at, key="product:1", product_id=1)
            transaction.savepoint_rollback(point)
        assert states() == [("waiting", 1)]

    def test_other_keys_and_other_objects_have_jobs_of_their_own(self, product, ada):
        with transaction.atomic():
            for about in (None, product, product):
                enqueue(look_at, key="product:1", about=about, product_id=1)
            enqueue(look_at, key="product:2", product_id=2)
        assert sorted(states()) == [("waiting", 1), ("waiting", 1), ("waiting", 2)]

    def test_without_a_key_nothing_is_folded(self, product, run):
        with transaction.atomic():
            ids = [enqueue(look_at, product_id=1) for _ in range(3)]
        run(Job.objects.get(id=ids[0]))
        assert [state for state, _ in states()] == ["succeeded", "waiting", "waiting"]


class TestTheLedger:
    def test_a_run_takes_along_what_waits_and_says_for_how_many_it_stands(self, product, run):
        jobs = [ask() for _ in range(5)]
        run(jobs[2])
        assert states() == [("folded", 1), ("folded", 1), ("succeeded", 5), ("folded", 1), ("folded", 1)]
        assert set(Job.objects.filter(state="folded").values_list("leader", flat=True)) == {jobs[2].id}
        assert seen == [5]

    def test_a_message_of_a_folded_job_runs_nothing(self, product, run):
        first, second = ask(), ask()
        run(first)
        with pytest.raises(Ignore):
            run(second)
        assert seen == [5]

    def test_while_one_runs_another_one_waits_and_runs_afterwards(self, product, run):
        running, later = ask(), ask()
        Job.objects.filter(id=later.id).update(key="")  # so that the claim does not take it along
        with_lease = {"state": "running", "lease_until": timezone.now(), "claims": 1}
        Job.objects.filter(id=running.id).update(**with_lease)
        Job.objects.filter(id=later.id).update(key="product:1")
        with pytest.raises(Ignore):
            run(later)
        later.refresh_from_db()
        assert (later.state, later.attempts, later.published_at) == ("waiting", 0, None)
        Job.objects.filter(id=running.id).update(state="succeeded")
        due()
        run(later)
        assert seen == [5]

    def test_deaths_are_not_forgotten_because_somebody_asked_again(self, product, run):
        poison, fresh = ask(), ask()
        Job.objects.filter(id=poison.id).update(deaths=2)
        run(fresh)
        fresh.refresh_from_db()
        assert fresh.deaths == 2

    def test_what_is_due_is_folded_before_it_is_published(self, product, recover, run):
        for _ in range(10):
            ask()
        due(published_at=None)
        assert recover() == 1
        assert states()[0] == ("waiting", 10)
        assert {state for state, _ in states()[1:]} == {"folded"}


class TestSettle:
    def test_it_runs_when_the_time_is_over_and_not_before(self, product, run, recover):
        job = ask(settle=60)
        assert job.published_at is None
        with pytest.raises(Ignore):
            run(job)
        assert recover() == 0
        due(run_by=timezone.now())
        assert recover() == 1
        run(job)
        assert seen == [5]

    def test_as_long_as_more_is_asked_for_it_is_put_off(self, product, run):
        job, last = ask(settle=5, at_most=60), ask(settle=5, at_most=60)
        Job.objects.filter(id=job.id).update(run_at=timezone.now())
        with pytest.raises(Ignore):
            run(job)
        job.refresh_from_db()
        assert (job.state, job.run_at) == ("waiting", last.run_at)

    def test_but_no_longer_than_the_first_allows(self, product, run):
        job = ask(settle=5, at_most=60)
        ask(settle=5, at_most=60)
        Job.objects.filter(id=job.id).update(run_at=timezone.now(), run_by=timezone.now())
        run(job)
        assert states() == [("succeeded", 2), ("folded", 1)]

    def test_once_the_last_has_settled_it_runs_for_all(self, product, run):
        job = ask(settle=5, at_most=60)
        ask(settle=5, at_most=60)
        due()
        run(job)
        assert states() == [("succeeded", 2), ("folded", 1)]

    def test_in_one_transaction_it_is_counted_from_the_last(self, product):
        with transaction.atomic():
            enqueue(look_at, key="product:1", settle=5, at_most=9, product_id=1)
            enqueue(look_at, key="product:1", settle=60, at_most=90, product_id=1)
        job = Job.objects.get()
        assert job.run_at > timezone.now() + timedelta(seconds=30)
        assert job.run_by < timezone.now() + timedelta(seconds=30)

    def test_in_one_transaction_what_may_not_wait_lets_none_wait(self, product, run):
        for settles in ((5, 0), (0, 5)):
            with transaction.atomic():
                for settle in settles:
                    enqueue(look_at, key=f"product:{settles}", settle=settle, product_id=1)
        assert not Job.objects.filter(run_at__gt=timezone.now()).exists()
        assert states() == [("waiting", 2), ("waiting", 2)]

    @pytest.mark.parametrize(
        "asked",
        [{"key": "k", "settle": -1}, {"key": "k", "settle": 5, "at_most": 4}, {"settle": 5}, {"key": "k" * 121}],
    )
    def test_what_makes_no_sense_is_refused(self, asked, product):
        with transaction.atomic(), pytest.raises(EnqueueError, match="expected"):
            enqueue(look_at, product_id=1, **asked)


class TestWhatIsFoldedKeepsItsTime:
    def test_a_leader_may_be_put_off_no_longer_than_what_it_stands_for(self, product, recover):
        first, later = ask(settle=5, at_most=10), ask(settle=5, at_most=60)
        moment = timezone.now()
        Job.objects.filter(id=first.id).update(run_at=moment - timedelta(seconds=2), run_by=moment)
        Job.objects.filter(id=later.id).update(run_at=moment - timedelta(seconds=3))
        assert recover() == 1
        later.refresh_from_db()
        assert later.run_by <= moment

    def test_nor_at_all_where_one_may_not_wait(self, product, recover):
        ask()
        settling = ask(settle=5, at_most=60)
        due(published_at=None)
        Job.objects.filter(id=settling.id).update(run_at=timezone.now() - timedelta(minutes=2))
        assert recover() == 1
        assert Job.objects.get(state="waiting").run_by is None


class TestAPausedKey:
    def test_waits_and_goes_on_and_holds_no_other_key(self, product, run, recover):
        job, other = ask(), ask("product:2")
        pauses.pause("key", "product:1", actor="ada", reason="a look")
        with pytest.raises(Ignore):
            run(job)
        run(other)
        assert states() == [("waiting", 1), ("succeeded", 1)]
        due()
        assert recover() == 0
        assert pauses.resume("key", "product:1", actor="ada", reason="seen")
        assert recover() == 1


def test_whoever_writes_the_last_change_is_always_seen(product, run):
    """Writers and workers at once: each run sees all that was committed before it, and the last run sees the last."""
    last, workers = 15, 3
    done = threading.Event()

    def write(number):
        with transaction.atomic():
            Product.objects.filter(pk=1).update(stock=number)
            enqueue(look_at, key="product:1", product_id=1)
        connections.close_all()

    def work(_):
        while not done.is_set() or Job.objects.filter(state="waiting").exists():
            for job in Job.objects.filter(state="waiting", run_at__lte=timezone.now()).order_by("?")[:1]:
                with suppress(Ignore):
                    run(job)
        connections.close_all()

    with ThreadPoolExecutor(workers) as pool:
        working = [pool.submit(work, each) for each in range(workers)]
        for number in range(1, last + 1):
            write(number)
        done.set()
        for each in working:
            each.result(60)
    assert max(seen) == last
    assert sum(Job.objects.filter(state="succeeded").values_list("asks", flat=True)) == last
    assert len(seen) <= last


def test_who_lost_its_lease_before_it_could_fold_folds_nothing(product):
    leader, other = (ask_now() for _ in range(2))
    (leader,) = claiming.take(registered[leader.task], [str(leader.id)], "test@here", "keyed")
    Job.objects.filter(id=leader.id).update(claims=2)
    with pytest.raises(NotClaimed, match="took it over"):
        folding.fold_into(leader)
    assert Job.objects.get(id=other.id).state == "waiting"


def test_one_that_is_claimed_while_another_one_of_its_key_is_waits_for_that(product, run):
    job = ask_now()

    def both(execute, sql, *rest):
        if "state = 'running', attempts" in sql:
            raise IntegrityError("job_one_running_per_key")
        return execute(sql, *rest)

    with connection.execute_wrapper(both), pytest.raises(Ignore):
        run(job)
    job.refresh_from_db()
    assert (job.state, job.published_at, job.run_at > timezone.now()) == ("waiting", None, True)


def ask_now():
    with transaction.atomic():
        return Job.objects.get(id=enqueue(look_at, key="product:1", product_id=1))
