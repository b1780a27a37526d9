import io
import os
import pty
import subprocess
import sys
import termios
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django.utils import timezone

from project.blog.models import Comment
from project.catalog.models import DailySales, DailyTotal, Product, ProductStatistics
from project.figures import recounting, subjects
from project.figures.models import Recount
from project.jobs.models import Job
from project.orders.models import Order
from project.orders.placing import Item, place
from tests import figures
from tests.support import ROOT, database_url, until

DAYS = 12


@pytest.fixture
def shop(ada, post):
    """Products, each with an order on a day of its own; nothing is counted."""
    for number in range(DAYS):
        product = Product.objects.create(name="P", slug=f"p{number}", price="10.00", stock=9)
        product.refresh_from_db()
        order = place(ada, [Item(product, 1)])
        Order.objects.filter(pk=order.pk).update(placed_at=datetime(2026, 1, number + 1, 23, 30, tzinfo=UTC))
        Comment.objects.create(post=post, author=ada, text="Yes", created_at=datetime(2026, 1, number + 1, tzinfo=UTC))
    Job.objects.all().delete()


@pytest.fixture
def small(monkeypatch):
    """Portions of two."""
    for kind in subjects.KINDS:
        object.__setattr__(kind, "portion", 2)
    yield
    for kind, portion in zip(subjects.KINDS, (20, 30, 200, 30), strict=True):
        object.__setattr__(kind, "portion", portion)


def recount(*options):
    out = io.StringIO()
    call_command("recount_statistics", *options, stdout=out)
    return out.getvalue()


def test_all_is_counted(shop):
    assert recount() == "Counted: 38 products, posts and days.\n"  # 12 products, as many days, a post, 13 days of it
    assert figures.differences() == []
    assert len(figures.counted()) == 3 * DAYS + 1 + DAYS + 1
    assert not Recount.objects.exists()
    assert recount() == "Counted: 38 products, posts and days.\n"
    assert figures.differences() == []


def test_what_nothing_is_left_of_goes(shop):
    recount()
    Order.objects.all().delete()
    Comment.objects.all().delete()
    recount()
    assert {name for name, *_ in figures.counted()} == {"DailyWriting"}
    assert figures.differences() == []


def test_nothing_is_counted_of_nothing(db):
    assert recount() == "Counted: 0 products, posts and days.\n"


def test_another_time_zone_has_other_days(shop, settings):
    recount()
    settings.STATISTICS_TIME_ZONE = "Europe/Berlin"
    assert figures.differences() != []
    recount()
    assert figures.differences() == []
    assert not DailyTotal.objects.filter(day=date(2026, 1, 1)).exists()


def test_from_a_day_what_lies_before_it_is_left(shop):
    recount("--from", "2026-01-10")
    assert sorted(DailyTotal.objects.values_list("day", flat=True)) == [date(2026, 1, day) for day in (10, 11, 12)]
    assert DailySales.objects.count() == ProductStatistics.objects.count() == 3
    Order.objects.all().delete()
    recount("--from", "2026-01-11")
    assert list(DailyTotal.objects.values_list("day", flat=True)) == [date(2026, 1, 10)]
    assert DailySales.objects.count() == 1


def test_from_a_day_comments_that_went_unnoticed_are_counted_no_more(shop):
    recount()
    Comment.objects.filter(created_at__gte=datetime(2026, 1, 10, tzinfo=UTC))._raw_delete("default")
    recount("--from", "2026-01-10")
    assert figures.differences() == []


@pytest.mark.parametrize("text", ["2026-13-01", "yesterday", "", "2026-02-30"])
def test_what_is_no_day_is_said(text, db):
    with pytest.raises(CommandError, match="expected a day such as 2026-01-31"):
        recount("--from", text)


def test_a_day_to_come_is_refused(db):
    with pytest.raises(CommandError, match="expected a day that has begun"):
        recount("--from", str(timezone.now().date() + timedelta(days=2)))


def test_the_first_of_all_days_is_one(shop, settings):
    settings.STATISTICS_TIME_ZONE = "Pacific/Auckland"
    recount("--from", "0001-01-01")
    assert figures.differences() == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("after", [1, 5, 11, 14])
def test_who_was_interrupted_goes_on_where_it_was(shop, small, monkeypatch, after):
    counted, real = [], recounting.count

    def interrupted(run, kind, portion):
        if len(counted) == after:
            raise KeyboardInterrupt
        real(run, kind, portion)
        counted.extend([(kind.name, each) for each in portion][:1])

    monkeypatch.setattr(recounting, "count", interrupted)
    with pytest.raises(CommandError, match="Interrupted; run it again to go on") as stopped:
        recount()
    assert stopped.value.returncode == 130
    monkeypatch.setattr(recounting, "count", lambda *rest: (real(*rest), counted.append(None)))

    said = recount()

    assert said.startswith("Goes on behind ")
    assert len(counted) == 6 + 6 + 1 + 7, "each portion once"
    assert figures.differences() == []
    assert not Recount.objects.exists()


def test_a_run_of_yesterday_is_begun_anew(shop, small):
    run = recounting.begin(None)
    for _ in zip(recounting.go_on(run), range(3), strict=False):
        pass
    assert recounting.begin(None).stage == "product"
    Recount.objects.update(started_at=timezone.now() - timedelta(hours=25))
    assert recounting.begin(None).stage == ""


def test_one_from_another_day_or_in_another_zone_is_another_run(shop, small, settings):
    run = recounting.begin(None)
    next(progress for progress in recounting.go_on(run) if progress.done)
    assert str(recounting.begin(None)).startswith("recount that has come to product ")
    assert recounting.begin(date(2026, 1, 1)).stage == ""
    settings.STATISTICS_TIME_ZONE = "Europe/Berlin"
    assert recounting.begin(None).stage == ""


@pytest.mark.django_db(transaction=True)
def test_two_at_once_do_no_harm(shop, small):
    def both(_):
        try:
            return recount()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(both, range(2)))
    assert figures.differences() == []
    assert not Recount.objects.exists()


def all_of(terminal):
    """Returns what a terminal has shown."""
    shown = b""
    with suppress(OSError):  # how it ends
        while part := os.read(terminal, 10_000):
            shown += part
    os.close(terminal)
    return shown.decode()


@pytest.mark.django_db(transaction=True)
def test_one_that_is_killed_goes_on_and_a_terminal_sees_how_far(shop):
    """In a process of its own, on a terminal."""
    slow = "from project.figures import recounting, subjects; import time\nreal = recounting.count\n"
    slow += "for kind in subjects.KINDS: object.__setattr__(kind, 'portion', 1)\n"
    slow += "recounting.count = lambda *rest: (real(*rest), time.sleep(0.2))\n"
    code = "import django; django.setup()\n" + slow
    code += "from django.core.management import call_command; call_command('recount_statistics')"
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "project.settings", "DATABASE_URL": database_url()}
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    process = subprocess.Popen([sys.executable, "-c", code], env=env, cwd=ROOT, stdout=theirs, stderr=theirs)
    os.close(theirs)
    try:
        until(lambda: Recount.objects.filter(stage="product").exists(), "it counts", seconds=60)
    finally:
        process.kill()
        process.wait()
    shown = all_of(ours)
    assert "product:" in shown
    assert "/38" in shown
    assert recount().startswith("Goes on behind product ")
    assert figures.differences() == []
