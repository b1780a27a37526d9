import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection, connections, transaction
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from project.catalog import statistics
from project.catalog.models import DailySales, DailyTotal, Product, ProductStatistics
from project.catalog.statistics import recount_sales
from project.orders.models import Order, OrderLine
from project.orders.placing import Item, pay, place
from project.orders.refunding import cancel, refund
from tests import figures
from tests.support import until


def of(product):
    return ProductStatistics.objects.filter(product=product).values_list("orders", "units", "revenue").first()


def days(product):
    rows = DailySales.objects.filter(product=product)
    return [(row.day, row.currency, row.orders, row.units, row.revenue) for row in rows]


def totals():
    return list(DailyTotal.objects.values_list("day", "currency", "orders", "units", "revenue"))


def move(order, *moment):
    Order.objects.filter(pk=order.pk).update(placed_at=datetime(*moment, tzinfo=UTC))


def test_orders_units_and_net_revenue_are_counted(ada, lamp):
    place(ada, [Item(lamp, 2)])
    order = place(ada, [Item(lamp, 1)])
    recount_sales([], order_ids=[order.pk])
    assert of(lamp) == (2, 3, Decimal("30.00"))
    assert totals() == [(order.placed_at.date(), "EUR", 2, 3, Decimal("30.00"))]


def test_an_order_of_two_products_is_one_on_its_day(ada, lamp):
    desk = Product.objects.create(name="Desk", slug="desk", price=Decimal("0.07"), stock=5)
    order = place(ada, [Item(lamp, 1), Item(desk, 3)])
    recount_sales([], order_ids=[order.pk])
    assert totals() == [(order.placed_at.date(), "EUR", 1, 4, Decimal("10.21"))]
    assert (of(lamp), of(desk)) == ((1, 1, Decimal("10.00")), (1, 3, Decimal("0.21")))


def test_a_product_without_orders_has_none(lamp):
    recount_sales([lamp.pk])
    assert of(lamp) is None
    assert days(lamp) == []


def test_a_cancelled_order_takes_only_its_own_units_along(ada, lamp):
    kept, gone = place(ada, [Item(lamp, 1)]), place(ada, [Item(lamp, 2)])
    recount_sales([lamp.pk], order_ids=[kept.pk])
    cancel(gone)
    recount_sales([lamp.pk], order_ids=[kept.pk])
    assert of(lamp) == (1, 1, Decimal("10.00"))
    cancel(kept)
    recount_sales([lamp.pk], order_ids=[kept.pk])
    assert figures.counted() == {}


def test_what_was_refunded_counts_nowhere(ada, lamp):
    desk = Product.objects.create(name="Desk", slug="desk", price=Decimal("7.50"), stock=5)
    order = place(ada, [Item(lamp, 3), Item(desk, 1)])
    pay(order)
    lamps, desks = order.lines.order_by("product__slug").reverse()
    refund(order, {lamps.pk: 1})
    refund(order, {lamps.pk: 1, desks.pk: 1})
    recount_sales([], order_ids=[order.pk])
    assert of(lamp) == (1, 1, Decimal("10.00"))
    assert of(desk) is None
    assert totals() == [(order.placed_at.date(), "EUR", 1, 1, Decimal("10.00"))]


def test_each_day_has_its_own_figures_and_a_corrected_day_goes(ada, lamp):
    first, second = place(ada, [Item(lamp, 2)]), place(ada, [Item(lamp, 1)])
    move(first, 2026, 1, 31, 23, 59)
    move(second, 2026, 2, 1)
    recount_sales([lamp.pk])
    assert [row[:1] + row[3:] for row in days(lamp)] == [
        (date(2026, 1, 31), 2, Decimal("20.00")),
        (date(2026, 2, 1), 1, Decimal("10.00")),
    ]
    move(first, 2026, 2, 1, 12)
    recount_sales([lamp.pk])
    assert days(lamp) == [(date(2026, 2, 1), "EUR", 2, 3, Decimal("30.00"))]


def test_a_day_that_nobody_knew_the_order_to_be_on_is_corrected_too(ada, lamp):
    other, order = place(ada, [Item(lamp, 1)]), place(ada, [Item(lamp, 2)])
    for each in (other, order):
        move(each, 2026, 2, 1)
    recount_sales([], [date(2026, 2, 1)], [other.pk, order.pk])
    move(order, 2026, 4, 1)
    recount_sales([], [date(2026, 1, 1)], [order.pk])
    assert totals() == [
        (date(2026, 2, 1), "EUR", 1, 1, Decimal("10.00")),
        (date(2026, 4, 1), "EUR", 1, 2, Decimal("20.00")),
    ]
    assert figures.differences() == []


@pytest.mark.parametrize(
    ("zone", "moment", "day"),
    [
        ("UTC", (29, 23, 30), 29),
        ("Europe/Berlin", (28, 22, 59), 28),
        ("Europe/Berlin", (28, 23, 0), 29),  # the day of 23 hours
        ("Europe/Berlin", (29, 21, 59), 29),
        ("Europe/Berlin", (29, 22, 0), 30),
        ("Pacific/Auckland", (29, 11, 30), 30),
    ],
)
def test_a_day_is_one_of_the_time_zone(ada, lamp, zone, moment, day):
    move(place(ada, [Item(lamp, 1)]), 2026, 3, *moment)
    found = date(2026, 3, day)
    with override_settings(STATISTICS_TIME_ZONE=zone):
        recount_sales([lamp.pk], [found])
    assert [row[0] for row in days(lamp)] == [found] == [row[0] for row in totals()]


def test_currencies_are_not_added_up(ada, lamp):
    place(ada, [Item(lamp, 2)])
    Product.objects.update(currency="BHD", price=Decimal("0.101"))
    lamp.refresh_from_db()
    order = place(ada, [Item(lamp, 3)])
    recount_sales([], order_ids=[order.pk])
    assert [row[1:] for row in days(lamp)] == [("BHD", 1, 3, Decimal("0.303")), ("EUR", 1, 2, Decimal("20.00"))]
    assert [row[1:] for row in totals()] == [("BHD", 1, 3, Decimal("0.303")), ("EUR", 1, 2, Decimal("20.00"))]
    assert of(lamp) == (2, 5, Decimal("0.303")), "revenue in the currency that it has now"


def test_many_small_amounts_come_to_an_exact_sum(ada, lamp):
    order = place(ada, [Item(lamp, 1)])
    line = {"order": order, "product": lamp, "tax_rate": 0, "unit_price": Decimal("0.1"), "quantity": 1}
    OrderLine.objects.bulk_create(OrderLine(**line) for _ in range(3333))
    recount_sales([], order_ids=[order.pk])
    assert figures.differences() == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT revenue = 343.3 FROM catalog_productstatistics")
        assert cursor.fetchone()[0], "343.3, and not 343.30000000000302 as floats come to"


def test_many_products_and_days_take_no_more_statements_than_one(ada, lamp):
    price = Decimal(1)
    products = [Product.objects.create(name=f"P{n}", slug=f"p{n}", price=price, stock=9) for n in range(20)]
    orders = [place(ada, [Item(product, 1)]) for product in products]
    for number, order in enumerate(orders):
        move(order, 2026, 1, number + 1)

    def statements(products, days):
        with CaptureQueriesContext(connection) as queries:
            recount_sales(products, days)
        return len(queries)

    one = statements([products[0].pk], [date(2026, 1, 1)])
    assert statements([each.pk for each in products], [date(2026, 1, n) for n in range(1, 21)]) == one


@pytest.mark.django_db(transaction=True)
def test_who_reads_last_also_writes_last(ada, lamp, monkeypatch):
    """One recount has read and not yet written when a refund commits, and another one begins."""
    order = place(ada, [Item(lamp, 2)])
    has_read, may_write = threading.Event(), threading.Event()
    real = statistics.recount_products

    def slowly(products):
        real(products)
        has_read.set()
        if threading.current_thread().name.endswith("_0"):
            may_write.wait(10)

    monkeypatch.setattr(statistics, "recount_products", slowly)

    def count():
        try:
            with transaction.atomic():
                recount_sales([lamp.pk], order_ids=[order.pk])
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2, thread_name_prefix="count") as pool:
        first = pool.submit(count)
        assert has_read.wait(10)
        if connection.vendor == "postgresql":  # SQLite would not let anybody write meanwhile
            cancel(order)
        second = pool.submit(count)
        with pytest.raises(TimeoutError):
            second.result(0.3)
        may_write.set()
        first.result(20)
        second.result(20)
    until(lambda: figures.differences() == [], "exact", 1)


def test_the_figures_say_of_what_and_when(ada, lamp):
    order = place(ada, [Item(lamp, 2)])
    recount_sales([], order_ids=[order.pk])
    day = order.placed_at.date()
    assert str(ProductStatistics.objects.get()) == f"2 units of {lamp.pk}"
    assert str(DailySales.objects.get()) == f"2 units of {lamp.pk} on {day}"
    assert str(DailyTotal.objects.get()) == f"2 units on {day}"
