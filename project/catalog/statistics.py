"""Counts, always anew from the orders, so that running twice or late changes nothing.

Orders lie above this app: their rows are reached through the relation's name, `order_lines`.
"""

from decimal import Decimal

from django.db.models import Count, DecimalField, F, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from project.catalog.models import DailySales, Product, ProductStatistics

STANDING = ("placed", "paid")  # states of an order that sold something; the others were reversed
REVENUE = Sum(F("order_lines__quantity") * F("order_lines__unit_price"), output_field=DecimalField())
UNITS = Sum("order_lines__quantity")


def recount(product: Product) -> ProductStatistics:
    """Count the product's orders, units and net revenue, in total and by day, in the transaction around.

    The lock puts concurrent recounts of a product in a row, so that the one that read last also writes last.
    """
    ProductStatistics.objects.get_or_create(product=product, defaults={"as_of": timezone.now()})
    statistics = ProductStatistics.objects.select_for_update().get(product=product)
    total = sold(product).aggregate(orders=Count("order_lines__order", distinct=True), units=UNITS, revenue=REVENUE)
    statistics.orders = total["orders"]
    statistics.units = total["units"] or 0
    statistics.revenue = total["revenue"] or Decimal(0)
    statistics.as_of = timezone.now()
    statistics.save()
    recount_days(product)
    return statistics


def sold(product: Product) -> "QuerySet[Product]":
    """Return the product joined with the order lines that stand."""
    # One filter, not an exclude: that would leave out a product as soon as one of its orders was reversed.
    return Product.objects.filter(pk=product.pk, order_lines__order__status__in=STANDING)


def recount_days(product: Product) -> None:
    """Count the product's sales by day; days that are left without any go."""
    days = (
        sold(product)
        .values(day=TruncDate("order_lines__order__placed_at"))
        .annotate(units=UNITS, revenue=REVENUE)
        .order_by("day")
    )
    rows = [DailySales(product=product, **day) for day in days]
    DailySales.objects.filter(product=product).exclude(day__in=[row.day for row in rows]).delete()
    DailySales.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["product", "day"], update_fields=["units", "revenue"]
    )
