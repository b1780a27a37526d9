from datetime import UTC, date, datetime
from decimal import Decimal

from project.catalog.models import DailySales, ProductStatistics
from project.catalog.statistics import recount
from project.orders.models import Order
from project.orders.placing import Item, cancel, place


def figures(product):
    counted = ProductStatistics.objects.get(product=product)
    return counted.orders, counted.units, counted.revenue


def days(product):
    return [(sales.day, sales.units, sales.revenue) for sales in DailySales.objects.filter(product=product)]


def test_orders_units_and_net_revenue_are_counted(ada, lamp):
    place(ada, [Item(lamp, 2)])
    place(ada, [Item(lamp, 1)])
    recount(lamp)
    assert figures(lamp) == (2, 3, Decimal("30.00"))


def test_a_product_without_orders_has_none(lamp):
    recount(lamp)
    assert figures(lamp) == (0, 0, 0)
    assert days(lamp) == []


def test_a_cancelled_order_sold_nothing(ada, lamp):
    order = place(ada, [Item(lamp, 2)])
    recount(lamp)
    cancel(order)
    recount(lamp)
    assert figures(lamp) == (0, 0, 0)
    assert days(lamp) == []


def test_a_cancelled_order_takes_only_its_own_units_along(ada, lamp):
    place(ada, [Item(lamp, 1)])
    cancel(place(ada, [Item(lamp, 2)]))
    recount(lamp)
    assert figures(lamp) == (1, 1, Decimal("10.00"))
    assert [units for _, units, _ in days(lamp)] == [1]


def test_each_day_has_its_own_figures_and_a_corrected_day_goes(ada, lamp):
    first, second = place(ada, [Item(lamp, 2)]), place(ada, [Item(lamp, 1)])
    Order.objects.filter(pk=first.pk).update(placed_at=datetime(2026, 1, 31, 23, 59, tzinfo=UTC))
    Order.objects.filter(pk=second.pk).update(placed_at=datetime(2026, 2, 1, 0, 0, tzinfo=UTC))
    recount(lamp)
    assert days(lamp) == [(date(2026, 1, 31), 2, Decimal("20.00")), (date(2026, 2, 1), 1, Decimal("10.00"))]
    Order.objects.filter(pk=first.pk).update(placed_at=datetime(2026, 2, 1, 12, 0, tzinfo=UTC))
    recount(lamp)
    assert days(lamp) == [(date(2026, 2, 1), 3, Decimal("30.00"))]


def test_the_figures_say_of_what_and_when(ada, lamp):
    place(ada, [Item(lamp, 2)])
    recount(lamp)
    assert str(ProductStatistics.objects.get()) == f"2 units of {lamp.pk}"
    assert str(DailySales.objects.get()).startswith(f"2 units of {lamp.pk} on ")
