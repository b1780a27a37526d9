from contextlib import suppress
from datetime import timedelta
from itertools import count

import pytest
from django.db import (
    DataError,
    IntegrityError,
    NotSupportedError,
    ProgrammingError,
    connection,
    connections,
    models,
    transaction,
)
from django.db import Error as DatabaseError
from django.db.utils import load_backend
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from project.accounts.models import User
from project.audit.models import AuditEntry
from project.blog.models import Comment, Post
from project.catalog.models import Product
from project.jobs import EnqueueError, JobsError, enqueue, enqueue_many, gathering, task
from project.jobs.models import Job
from tests.support import until

pytestmark = pytest.mark.django_db(transaction=True)


@task(queue="housekeeping")
def note(*, number: int) -> None:
    """Do nothing."""


def inserts(queries):
    statements = [" ".join(query["sql"].split()) for query in queries]
    return [sql for sql in statements if sql.startswith("INSERT INTO jobs_job")]


def numbers():
    return sorted(Job.objects.filter(task="test_gathering.note").values_list("kwargs__number", flat=True))


def test_many_are_asked_for_in_one_insert_and_all_are_published():
    with CaptureQueriesContext(connection) as queries, transaction.atomic():
        ids = enqueue_many(note, ({"number": number} for number in range(200)))
    assert len(inserts(queries)) == 1
    assert len(set(ids)) == 200
    assert numbers() == list(range(200))
    until(lambda: not Job.objects.filter(published_at=None).exists(), "all published")


def test_all_that_a_transaction_asks_for_is_inserted_at_its_end():
    with CaptureQueriesContext(connection) as queries, transaction.atomic():
        for number in range(3):
            with transaction.atomic():
                enqueue(note, number=number)
        assert not inserts(queries)
    assert len(inserts(queries)) == 1
    assert numbers() == [0, 1, 2]


def test_more_than_one_statement_takes_is_inserted_in_several(monkeypatch):
    monkeypatch.setattr(gathering, "MOST", 3)
    with CaptureQueriesContext(connection) as queries, transaction.atomic():
        enqueue_many(note, [{"number": number} for number in range(7)])
    assert len(inserts(queries)) == 3
    assert numbers() == list(range(7))


def test_whoever_looks_into_the_ledger_finds_what_the_transaction_asked_for():
    with transaction.atomic():
        enqueue(note, number=1)
        assert numbers() == [1]
        enqueue(note, number=2)
        assert numbers() == [1, 2]
        with connection.cursor() as cursor:
            enqueue(note, number=3)
            cursor.execute("SELECT COUNT(*) FROM jobs_job")
            assert cursor.fetchone() == (3,)
    assert numbers() == [1, 2, 3]
    until(lambda: not Job.objects.filter(published_at=None).exists(), "all published")


def test_on_a_connection_of_djangos_own_backend_each_is_inserted_at_once():
    ours = connections["default"]
    plain = load_backend(f"django.db.backends.{'sqlite3' if ours.vendor == 'sqlite' else ours.vendor}")
    connections["default"] = plain.DatabaseWrapper(ours.settings_dict)
    try:
        with CaptureQueriesContext(connection) as queries, transaction.atomic():
            enqueue(note, number=1)
            assert len(inserts(queries)) == 1
            enqueue(note, key="k", settle=60, number=2)
        assert numbers() == [1, 2]
    finally:
        connection.close()
        connections["default"] = ours
    until(lambda: Job.objects.filter(published_at=None).count() == 1, "what need not settle is published")


def test_where_the_server_binds_parameters_it_is_inserted_all_the_same(monkeypatch):
    if connection.vendor != "postgresql":
        pytest.skip("a setting of PostgreSQL's")
    connection.close()
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "server_side_binding", True)
    with transaction.atomic():
        enqueue(note, number=1)
        assert numbers() == [1]
        enqueue(note, number=2)
    assert numbers() == [1, 2]
    connection.close()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite prepares by itself")
class TestWhatTheServerHasPrepared:
    def test_is_prepared_anew_on_a_new_connection(self):
        ask(1)
        connection.close()
        ask(2)
        assert numbers() == [1, 2]

    def test_costs_one_transaction_where_somebody_discards_it(self):
        ask(1)
        with connection.cursor() as cursor:
            cursor.execute("DEALLOCATE ALL")
        with pytest.raises(ProgrammingError, match="does not exist"):
            ask(2)
        ask(3)
        assert numbers() == [1, 3]

    def test_outlives_a_rollback_also_where_a_worker_has_prepared(self, run):
        ask(1)
        run(Job.objects.get())
        with suppress(DatabaseError), transaction.atomic():
            refuse()
        ask(2)
        run(Job.objects.latest("id"))
        assert set(Job.objects.values_list("state", flat=True)) == {"succeeded"}

    def test_is_prepared_anew_where_the_table_has_changed(self, run):
        ask(1)
        run(Job.objects.get())
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE jobs_job ALTER COLUMN task TYPE varchar(121)")
        try:
            ask(2)
            second = Job.objects.latest("id")
            with pytest.raises(NotSupportedError, match="must not change result type"):
                run(second)
            run(second)
        finally:
            with connection.cursor() as cursor:
                cursor.execute("ALTER TABLE jobs_job ALTER COLUMN task TYPE varchar(120)")
            connection.close()

    def test_outlives_a_transaction_that_failed(self):
        connection.close()
        with pytest.raises(DataError), transaction.atomic():
            enqueue(note, number=1)
            connection.gathered._asks[0].queue = 50 * "x"
        ask(2)
        assert numbers() == [2]

    def test_is_nothing_behind_a_pooler(self, monkeypatch):
        connection.close()
        monkeypatch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", True)
        ask(1)
        with connection.cursor() as cursor:
            cursor.execute("SELECT COUNT(*) FROM pg_prepared_statements WHERE name LIKE 'jobs%%'")
            assert cursor.fetchone() == (0,)


@pytest.mark.parametrize("number", [1, 2])
def test_what_cannot_be_inserted_takes_the_change_along(number):
    with transaction.atomic():
        there = enqueue(note, number=0)
    with pytest.raises(IntegrityError), transaction.atomic():
        models.QuerySet(User).create(username="eve", email="eve@example.com")
        enqueue_many(note, [{"number": each + 1} for each in range(number)])
        connection.gathered._asks[0].id = str(there)
    assert not User.objects.exists()
    assert numbers() == [0]


def test_whoever_passes_over_an_error_of_theirs_does_not_lose_the_job():
    with transaction.atomic():
        enqueue(note, number=1)
        with suppress(DatabaseError), connection.execute_wrapper(refuse):
            Job.objects.count()
    assert numbers() == [1]


def ask(number):
    with transaction.atomic():
        enqueue(note, number=number)


def refuse(*_):
    raise DatabaseError("refused")


def test_one_that_cannot_be_asked_for_asks_for_none():
    with transaction.atomic(), pytest.raises(EnqueueError, match="takes"):
        enqueue_many(note, [{"number": 1}, {"nonsense": 2}])
    assert numbers() == []


def test_outside_a_transaction_it_brings_its_own():
    enqueue_many(note, [{"number": 1}])
    assert numbers() == [1]


def test_a_rollback_takes_all_along():
    with transaction.atomic():
        enqueue_many(note, [{"number": 1}])
        transaction.set_rollback(True)
    with transaction.atomic():
        enqueue(note, number=2)
    assert numbers() == [2]


def test_a_connection_that_is_closed_takes_all_along():
    with pytest.raises(DatabaseError), transaction.atomic():
        enqueue(note, number=1)
        connection.close()
        numbers()
    with transaction.atomic():
        enqueue(note, number=2)
    assert numbers() == [2]


class TestASavepoint:
    def test_that_is_rolled_back_takes_its_own_along(self):
        with transaction.atomic():
            enqueue(note, number=1)
            roll_back_with(2)
            enqueue(note, number=3)
        assert numbers() == [1, 3]

    def test_that_is_rolled_back_takes_along_what_one_inside_it_kept(self):
        with transaction.atomic():
            enqueue(note, number=1)
            with pytest.raises(ZeroDivisionError), transaction.atomic():
                with transaction.atomic():
                    enqueue(note, number=2)
                raise ZeroDivisionError
            enqueue(note, number=3)
        assert numbers() == [1, 3]

    def test_that_is_rolled_back_does_not_take_along_what_was_only_inserted_in_it(self):
        with transaction.atomic():
            enqueue(note, number=1)
            with pytest.raises(ZeroDivisionError), transaction.atomic():
                enqueue(note, number=2)
                assert numbers() == [1, 2], "both are inserted here"
                raise ZeroDivisionError
            assert numbers() == [1]
        assert numbers() == [1]
        until(lambda: not Job.objects.filter(published_at=None).exists(), "it is published")

    def test_that_is_rolled_back_leaves_the_rest_published(self):
        with transaction.atomic():
            roll_back_with(1)
            enqueue(note, number=2)
        until(lambda: not Job.objects.filter(published_at=None).exists(), "it is published")

    def test_that_is_rolled_back_takes_the_asks_of_a_key_along(self):
        with transaction.atomic():
            kept = enqueue(note, key="k", number=1)
            roll_back_with(1, key="k")
            roll_back_with(1, key="other")
            assert enqueue(note, key="k", number=1) == kept
            enqueue(note, key="other", number=1)
        assert sorted(Job.objects.values_list("key", "asks")) == [("k", 2), ("other", 1)]

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.recursive(st.sampled_from(["ask", "look"]), lambda inside: st.tuples(st.booleans(), st.lists(inside))))
    def test_however_they_are_nested_what_is_kept_is_what_django_keeps(self, db, steps):
        """Each ask also writes a row of its own: both are there, or neither."""
        Job.objects.all().delete()
        User.objects.all().delete()
        with suppress(ZeroDivisionError), transaction.atomic():
            follow(steps, count())
        assert numbers() == sorted(int(name) for name in User.objects.values_list("username", flat=True))


def roll_back_with(number, **kwargs):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        enqueue(note, number=number, **kwargs)
        raise ZeroDivisionError


def follow(steps, numbers_to_come):
    """Ask, look into the ledger, or do several things in a savepoint, which is kept or not."""
    if steps == "look":
        Job.objects.count()
    elif steps == "ask":
        number = next(numbers_to_come)
        models.QuerySet(User).bulk_create([User(username=str(number), email=str(number))])
        enqueue(note, number=number)
    else:
        is_kept, inside = steps
        with suppress(ZeroDivisionError), transaction.atomic():
            for step in inside:
                follow(step, numbers_to_come)
            if not is_kept:
                raise ZeroDivisionError


def change_of(lamp):
    return AuditEntry.objects.get(target=f"catalog.product:{lamp.pk}", action="changed").changes


class TestAKey:
    def test_counts_its_asks(self):
        with transaction.atomic():
            ids = {enqueue(note, key="k", number=1) for _ in range(5)}
        job = Job.objects.get()
        assert (ids, job.asks) == ({job.id}, 5)

    def test_settles_from_the_last_ask(self):
        with transaction.atomic():
            enqueue(note, key="k", settle=5, at_most=90, number=1)
            enqueue(note, key="k", settle=60, number=1)
        assert Job.objects.get().run_at > timezone.now() + timedelta(seconds=30)

    def test_is_put_off_no_longer_than_each_of_its_asks_allows(self):
        with transaction.atomic():
            enqueue(note, key="k", settle=5, at_most=600, number=1)
            enqueue(note, key="k", settle=5, number=1)
        assert Job.objects.get().run_by < timezone.now() + timedelta(seconds=10)

    @pytest.mark.parametrize("settles", [(0, 60), (60, 0)])
    def test_that_may_not_wait_once_does_not_wait(self, settles):
        with transaction.atomic():
            for settle in settles:
                enqueue(note, key="k", settle=settle, number=1)
        assert Job.objects.get().run_at <= timezone.now()
        until(lambda: not Job.objects.filter(published_at=None).exists(), "it is published")


class TestABulkWrite:
    def test_of_new_rows_is_announced_with_one_insert_of_jobs(self, post, jobs):
        Job.objects.all().delete()
        comments = [Comment(post=post, author=post.author, text=str(number)) for number in range(50)]
        with CaptureQueriesContext(connection) as queries:
            made = Comment.objects.bulk_create(comments)
        assert len(inserts(queries)) == 1
        tasks = [name for name, _ in jobs()]
        assert tasks.count("email.notify_post_author") == 50
        assert made[0].loaded["text"] == "0"

    def test_that_fails_asks_for_nothing(self, post, lamp):
        Job.objects.all().delete()
        with pytest.raises(Exception, match=r"(?i)unique"):
            Product.objects.bulk_create([Product(name="Lamp", slug="lamp", price=1)])
        assert not Job.objects.exists()

    @pytest.mark.parametrize("option", ["ignore_conflicts", "update_conflicts"])
    def test_that_passes_over_conflicts_is_refused(self, lamp, option):
        with pytest.raises(JobsError, match="which rows are new"):
            Product.objects.bulk_create([Product(name="Lamp", slug="lamp", price=1)], **{option: True})

    def test_of_changes_is_announced_with_what_was_before(self, lamp, work):
        work()
        product = Product.objects.get()
        product.stock = 77
        assert Product.objects.bulk_update([product], ["stock"]) == 1
        work()
        assert change_of(lamp) == {"stock": [5, 77]}

    def test_by_a_condition_is_announced_with_what_was_before(self, lamp, work):
        work()
        assert Product.objects.filter(slug="lamp").update_and_announce(stock=78) == 1
        assert Product.objects.filter(slug="none").update_and_announce(stock=78) == 0
        work()
        assert change_of(lamp) == {"stock": [5, 78]}

    def test_of_users_is_announced_too(self, db, jobs):
        User.objects.bulk_create([User(username="eve", email="eve@example.com")])
        assert ("email.welcome", {"user_id": User.objects.get().pk}) in jobs()

    def test_a_plain_update_announces_nothing(self, post):
        Job.objects.all().delete()
        Post.objects.update(title="Other")
        assert not Job.objects.exists()


def test_many_may_let_others_go_first():
    with transaction.atomic():
        enqueue_many(note, [{"number": 1}, {"number": 2}], priority=-1)
    assert set(Job.objects.values_list("priority", "feed")) == {(-1, "low housekeeping")}


def test_many_cannot_go_before_others():
    with pytest.raises(EnqueueError, match="priority=1"), transaction.atomic():
        enqueue_many(note, [{"number": 1}], priority=1)
