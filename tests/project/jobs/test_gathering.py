from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from project.accounts.models import User
from project.audit.models import AuditEntry
from project.blog.models import Comment, Post
from project.catalog.models import Product
from project.jobs import EnqueueError, JobsError, enqueue, enqueue_many, task
from project.jobs.gathering import gathering
from project.jobs.models import Job
from tests.support import until

pytestmark = pytest.mark.django_db(transaction=True)


@task(queue="housekeeping")
def note(*, number: int) -> None:
    """Do nothing."""


def inserts(queries):
    return [query["sql"] for query in queries if query["sql"].startswith('INSERT INTO "jobs_job"')]


def few(rows):
    """Return the statements for so many rows: one, but SQLite takes no more than 999 parameters in each."""
    return 1 if connection.vendor == "postgresql" else rows // 25


def numbers():
    return sorted(Job.objects.filter(task="test_gathering.note").values_list("kwargs__number", flat=True))


def test_many_are_asked_for_in_one_insert_and_all_are_published():
    with (
        CaptureQueriesContext(
            connection,
        ) as queries,
        transaction.atomic(),
    ):
        ids = enqueue_many(note, ({"number": number} for number in range(200)))
    assert len(inserts(queries)) <= few(200)
    assert len(set(ids)) == 200
    assert numbers() == list(range(200))
    until(lambda: not Job.objects.filter(published_at=None).exists(), "all published")


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
    assert numbers() == []


def test_in_a_savepoint_that_is_rolled_back_it_asks_for_nothing():
    with gathering():
        enqueue(note, number=1)
        with pytest.raises(ValueError, match="no"), transaction.atomic():
            enqueue(note, number=2)
            raise ValueError("no")
        enqueue(note, number=3)
    assert numbers() == [1, 3]


def test_one_gathering_in_another_is_inserted_with_its_own_end():
    with gathering():
        enqueue(note, number=1)
        with gathering():
            enqueue(note, number=2)
        assert numbers() == [2]
    assert numbers() == [1, 2]


def change_of(lamp):
    return AuditEntry.objects.get(target=f"catalog.product:{lamp.pk}", action="changed").changes


class TestAKey:
    def test_counts_its_asks(self):
        with gathering():
            ids = {enqueue(note, key="k", number=1) for _ in range(5)}
        job = Job.objects.get()
        assert (ids, job.asks) == ({job.id}, 5)

    def test_settles_from_the_last_ask(self):
        with gathering():
            enqueue(note, key="k", settle=5, at_most=90, number=1)
            enqueue(note, key="k", settle=60, number=1)
        assert Job.objects.get().run_at > timezone.now() + timedelta(seconds=30)

    def test_is_put_off_no_longer_than_each_of_its_asks_allows(self):
        for around in (transaction.atomic, gathering):
            with around(), transaction.atomic(savepoint=False):
                enqueue(note, key=around.__name__, settle=5, at_most=600, number=1)
                enqueue(note, key=around.__name__, settle=5, number=1)
        one, other = Job.objects.order_by("id")
        assert abs((one.run_by - other.run_by).total_seconds()) < 5

    @pytest.mark.parametrize("settles", [(0, 60), (60, 0)])
    def test_that_may_not_wait_once_does_not_wait(self, settles):
        with gathering():
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
        assert len(inserts(queries)) <= few(200)
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
