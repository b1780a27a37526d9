"""What a database does to a statement on a bad day: the job is run again, and its effect happens once."""

import threading
from contextlib import contextmanager
from uuid import uuid4

import pytest
from django.db import OperationalError, connection, connections, transaction
from django.db.models import F

from project.accounts.models import Profile
from project.catalog.models import Product
from project.jobs import enqueue, task
from project.jobs.models import Job

pytestmark = pytest.mark.django_db(transaction=True)
on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="one writer at a time: SQLite has none")
on_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite can be told how large it may be")


def ask(which, **kwargs):
    with transaction.atomic():
        return Job.objects.get(id=enqueue(which, **kwargs))


def run_again(run, job):
    """Run a job whose first try failed, without its wait."""
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("waiting", 1), job.error
    Job.objects.filter(id=job.id).update(run_at="2026-01-01T00:00Z")
    run(job)
    job.refresh_from_db()
    assert job.state == "succeeded"


@contextmanager
def meanwhile(work):
    """Something else works in another connection."""

    def with_a_connection():
        work()
        connections.close_all()

    thread = threading.Thread(target=with_a_connection)
    thread.start()
    yield
    thread.join()


@task(queue="housekeeping")
def sell(*, product_ids: list[int]) -> None:
    """Change products in an order that somebody else does not keep to."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL deadlock_timeout = '10ms'")  # so that this side is the one that gives way
    for product_id in product_ids:
        Product.objects.filter(pk=product_id).update(stock=F("stock") - 1)
        both.wait(5)


both = threading.Barrier(2, timeout=10)


@on_postgresql
def test_a_job_that_a_deadlock_ends_is_run_again(lamp, run):
    other = Product.objects.create(name="Chair", slug="chair", price=1, stock=5)
    Job.objects.all().delete()

    def the_other_way_round():
        with transaction.atomic():
            Product.objects.filter(pk=other.pk).update(name="Stool")
            both.wait()
            Product.objects.filter(pk=lamp.pk).update(name="Light")

    job = ask(sell, product_ids=[lamp.pk, other.pk])
    with meanwhile(the_other_way_round), pytest.raises(OperationalError, match="deadlock"):
        run(job)
    both.abort()
    assert set(Product.objects.values_list("stock", flat=True)) == {5}
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("waiting", 1)


@task(queue="housekeeping")
def count_strictly(*, profile_id: int) -> None:
    """Read, then write what was read, at an isolation that refuses what another one wrote in between."""
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    profile = Profile.objects.get(pk=profile_id)
    if not profile.bio:
        with meanwhile(lambda: Profile.objects.filter(pk=profile_id).update(bio="theirs")):
            pass
    profile.bio += " and mine"
    profile.save()


@on_postgresql
def test_a_job_that_cannot_be_serialized_is_run_again(ada, run):
    profile = Profile.of(ada)
    job = ask(count_strictly, profile_id=profile.pk)
    with pytest.raises(OperationalError, match="could not serialize"):
        run(job)
    run_again(run, job)
    profile.refresh_from_db()
    assert profile.bio == "theirs and mine"


@task(queue="housekeeping")
def write_much(*, profile_id: int, word: str) -> None:
    """Write more than a full disk takes."""
    Profile.objects.filter(pk=profile_id).update(bio=word * 100_000)


@pytest.fixture
def disk():
    """The disk, which can be made as full as it is, and free again."""

    def limit(pages):
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA max_page_count = {pages}")

    def full():
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA page_count")
            limit(cursor.fetchone()[0])

    yield full, lambda: limit(1_000_000)
    limit(1_000_000)


@on_sqlite
def test_a_job_that_a_full_disk_ends_is_run_again_when_there_is_room(ada, run, disk):
    profile, (full, free) = Profile.of(ada), disk
    job = ask(write_much, profile_id=profile.pk, word=uuid4().hex)
    full()
    with pytest.raises(OperationalError, match="full"):
        run(job)
    free()
    run_again(run, job)
    profile.refresh_from_db()
    assert len(profile.bio) == 3_200_000


@on_sqlite
def test_a_change_that_a_full_disk_refuses_asks_for_nothing(ada, disk):
    profile, (full, free) = Profile.of(ada), disk
    Job.objects.all().delete()
    full()
    with pytest.raises(OperationalError, match="full"), transaction.atomic():
        Profile.objects.filter(pk=profile.pk).update(bio="x" * 10_000_000)
        enqueue(write_much, profile_id=profile.pk, word="y")
    free()
    assert not Job.objects.exists()
