import pytest
from django.utils import timezone

from project.blog.models import Comment, DailyWriting, PostStatistics
from project.catalog.models import DailySales, DailyTotal, Product, ProductStatistics
from project.figures import checking
from project.figures.checking import check
from project.figures.models import Check
from project.jobs.models import Job
from project.orders.placing import Item, place
from tests import figures


@pytest.fixture
def shop(ada, lamp, post, work):
    place(ada, [Item(lamp, 2)])
    Comment.objects.create(post=post, author=ada, text="Yes")
    work()
    assert figures.differences() == []


def test_exact_figures_have_not_drifted(shop):
    found = check()
    assert (found.subjects, found.drifted, found.details) == (4, 0, [])


@pytest.mark.parametrize(
    ("model", "wrong"),
    [
        (ProductStatistics, {"units": 7}),
        (DailySales, {"revenue": 7}),
        (DailyTotal, {"orders": 7}),
        (PostStatistics, {"comments": 7}),
        (DailyWriting, {"posts": 7}),
    ],
)
def test_what_had_drifted_is_kept_and_put_right(shop, model, wrong, caplog):
    model.objects.update(**wrong)
    check()
    found = Check.objects.get()
    assert (found.drifted, len(found.details)) == (1, 1)
    assert str(found) == "1 of 4 drifted"
    assert "7" in found.details[0]
    assert "figures_checked" in caplog.text
    assert figures.differences() == []
    assert check().drifted == 0
    assert Check.objects.count() == 2


def test_figures_of_nothing_and_figures_that_lack_have_drifted(shop, lamp, post):
    now, other = timezone.now(), Product.objects.create(name="Desk", slug="desk", price=1)
    Job.objects.all().delete()
    ProductStatistics.objects.create(product=other, orders=1, units=1, revenue=1, as_of=now)
    DailyTotal.objects.create(day="2020-01-01", currency="EUR", orders=1, units=1, revenue=1, as_of=now)
    PostStatistics.objects.all().delete()
    DailySales.objects.all().delete()
    found = check()
    assert [detail.split(":")[0] for detail in found.details] == [
        "day of sales 2020-01-01",
        f"post {post.pk}",
        *(f"product {pk}" for pk in sorted([lamp.pk, other.pk])),
    ]
    assert figures.differences() == []


def test_what_a_job_is_about_to_count_has_not_drifted(shop, ada, lamp, post, jobs):
    order = place(ada, [Item(lamp, 1)])
    Comment.objects.create(post=post, author=ada, text="Again")
    assert {task for task, _ in jobs()} >= {"statistics.recount_sales", "statistics.recount_blog"}
    assert check().drifted == 0
    order.placed_at -= timezone.timedelta(days=3)
    order.save()
    Job.objects.filter(task="statistics.recount_sales").exclude(kwargs__has_key="order_ids").delete()
    assert check().drifted == 0, "also where the job names the order alone"


def test_what_a_job_is_about_to_count_is_neither_checked_nor_put_right(shop, ada, lamp):
    ProductStatistics.objects.update(units=777)
    DailyTotal.objects.update(revenue=777)
    PostStatistics.objects.update(comments=777)
    place(ada, [Item(lamp, 1)])
    found = check()
    assert (found.subjects, found.drifted) == (2, 1), "the post and its day"
    assert ProductStatistics.objects.get().units == DailyTotal.objects.get().revenue == 777
    Job.objects.all().delete()
    assert (check().drifted, figures.differences()) == (2, [])


def test_what_changed_while_it_was_counted_is_unsure(shop, ada, lamp, monkeypatch, caplog):
    real = checking.choose

    def choose(subjects):
        if not Job.objects.filter(task="statistics.recount_sales", state="waiting").exists():
            place(ada, [Item(lamp, 1)])
        return real(subjects)

    monkeypatch.setattr(checking, "choose", choose)
    found = check()
    assert (found.subjects, found.drifted) == (2, 0)
    assert "'unsure': 2" in caplog.text


def test_nor_while_it_runs_but_when_it_was_given_up(shop, ada, lamp):
    place(ada, [Item(lamp, 1)])
    waiting = Job.objects.filter(task="statistics.recount_sales", state="waiting")
    waiting.update(state="running", lease_until=timezone.now())
    assert check().drifted == 0
    Job.objects.filter(state="running").update(state="failed", lease_until=None)
    assert check().drifted == 2, "the product and its day"


def test_a_sample_has_the_latest_and_no_more_than_it_may(monkeypatch):
    monkeypatch.setattr(checking, "SAMPLE", 10)
    found = checking.choose(range(1000))
    assert len(set(found)) == 10
    assert found[-2:] == [998, 999]
    assert checking.choose([1]) == [1]


def test_the_admin_shows_the_checks(admin_client, shop):
    check()
    assert admin_client.get("/admin/figures/check/").status_code == 200
