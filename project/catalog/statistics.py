"""What was sold, counted always anew from the orders, so that running twice or late changes nothing.

An order counts on the day on which it was placed, in its own currency; a unit that was refunded counts nowhere.
Orders lie above this app: their models are asked for by name.
"""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models import Case, DecimalField, F, OuterRef, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce, Now

from project.catalog.models import DailySales, DailyTotal, ProductStatistics
from project.counting import Rule, as_day, day_of, money, portions, recount, take_turn, within

STANDING = ("placed", "paid")  # states of an order that sold something; the others were reversed

SOLD = {"orders": "COUNT(DISTINCT order_id)", "units": "SUM(units)", "revenue": money("units", "unit_price")}
SALES = Rule(model=DailySales, by=("product_id", "day", "currency"), columns=SOLD, where="units > 0")
TOTALS = Rule(model=DailyTotal, by=("day", "currency"), columns=SOLD, where="units > 0")
# An order is of one day and one currency, so those of all days are the sum.
PRODUCTS = Rule(
    model=ProductStatistics,
    by=("product_id",),
    columns={"orders": "SUM(orders)", "units": "SUM(units)", "revenue": money("1", "own_revenue")},
)


@transaction.atomic(savepoint=False)
def recount_sales(product_ids: Collection[int], days: Collection[date] = (), order_ids: Collection[int] = ()) -> None:
    """Count what was sold of products, all in all and by day, and what was sold of all products on days.

    order_ids: their products and their days are counted too, and the days on which these products then sold something
    else than was said: an order may have been on a day that whoever moved it did not know.
    """
    take_turn(DailySales)
    orders = apps.get_model("orders", "Order").objects.filter(pk__in=order_ids)
    products = {*product_ids, *orders.exclude(lines=None).values_list("lines__product", flat=True)}
    days = {*days, *map(day_of, orders.values_list("placed_at", flat=True))}
    before = by_day(products) if order_ids else set()
    if products:
        recount_products(products)
    if order_ids:
        days |= {day for day, *_ in before ^ by_day(products)}
    for some in portions(days):
        recount(TOTALS, DailyTotal.objects.filter(day__in=some), lines().filter(within("order__placed_at", some)))


def recount_products(products: Collection[int]) -> None:
    """Count what was sold of products; at least one is given."""
    sales = DailySales.objects.filter(product__in=products)
    recount(SALES, sales, lines().filter(product__in=products))
    own = Case(When(currency=F("product__currency"), then=F("revenue")), default=Value(0), output_field=DecimalField())
    rows = sales.values("product_id", "orders", "units", own_revenue=own, read_at=Now())
    recount(PRODUCTS, ProductStatistics.objects.filter(product__in=products), rows)


def by_day(products: Collection[int]) -> set[tuple[Any, ...]]:
    """Return how much of products is said to have been sold on each day."""
    sales = DailySales.objects.filter(product__in=products).order_by().values_list("day", "currency")
    return set(sales.annotate(Sum("orders"), Sum("units")))


def lines() -> "QuerySet[Any, Any]":
    """Return the lines of orders that stand, each with the units that were not refunded."""
    refunded = apps.get_model("orders", "RefundLine").objects.filter(line=OuterRef("pk")).order_by().values("line")
    return (
        apps.get_model("orders", "OrderLine")
        .objects.filter(order__status__in=STANDING)
        .values(
            "product_id",
            "order_id",
            "unit_price",
            day=as_day("order__placed_at"),
            currency=F("order__currency"),
            units=F("quantity") - Coalesce(Subquery(refunded.annotate(units=Sum("quantity")).values("units")), 0),
            read_at=Now(),
        )
    )
