import pytest

from project.blog.models import Comment
from project.orders.models import Order
from project.orders.placing import Item, place
from tasks import statistics
from tests import figures


def test_sales_are_counted_anew_each_time(ada, lamp, post):
    order = place(ada, [Item(lamp, 2)])
    for _ in range(2):
        statistics.recount_sales(product_ids=[lamp.pk], days=[str(order.placed_at.date())])
        statistics.recount_blog(days=[str(post.published_at.date())])
        assert figures.differences() == []


def test_an_order_is_counted_for_all_its_products_and_on_its_day(ada, lamp, post):
    order = place(ada, [Item(lamp, 2)])
    statistics.recount_blog(days=[str(post.published_at.date())])
    for _ in range(2):
        statistics.recount_sales(order_ids=[order.pk])
        assert figures.differences() == []


def test_what_is_gone_has_none(ada, lamp, db):
    order = place(ada, [Item(lamp, 2)])
    day = str(order.placed_at.date())
    statistics.recount_sales(product_ids=[lamp.pk], days=[day])
    Order.objects.all().delete()
    for _ in range(2):
        statistics.recount_sales(product_ids=[lamp.pk, 404], order_ids=[order.pk], days=[day])
        statistics.recount_blog(post_ids=[404])
        assert figures.counted() == {}


def test_an_order_without_lines_has_a_day_and_no_product(ada):
    order = Order.objects.create(number="X", customer=ada, currency="EUR", total=0)
    for _ in range(2):
        statistics.recount_sales(order_ids=[order.pk])
        assert figures.counted() == {}


def test_what_is_written_is_counted_anew_each_time(post, bob):
    comment = Comment.objects.create(post=post, author=bob, text="Yes")
    for _ in range(2):
        statistics.recount_blog(post_ids=[post.pk], days=[str(comment.created_at.date())])
        assert figures.differences() == []


def test_nothing_is_nothing(db):
    for _ in range(2):
        statistics.recount_sales()
        statistics.recount_blog()


def test_a_day_that_is_none_is_said():
    with pytest.raises(ValueError, match="day is out of range"):
        statistics.recount_sales(days=["2026-02-30"])


@pytest.mark.django_db
def test_the_check_says_how_many_figures_had_drifted(post):
    assert statistics.check_figures() == 0
    assert statistics.check_figures() == 0
