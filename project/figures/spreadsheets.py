"""Figures as CSV (UTF-8): ISO dates, amounts with a point and no grouping, whatever the language."""

import csv
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

from project.blog.models import DailyWriting
from project.catalog.currencies import unit
from project.catalog.models import DailySales, DailyTotal
from project.figures.periods import Period
from project.orders.exporting import harmless

AT_ONCE = 2000  # rows in memory

Table = Iterator[Iterable[Any]]


def totals(period: Period) -> Table:
    """Yield what was sold on each day in each currency."""
    yield "day", "currency", "orders", "units", "revenue"
    for total in within(DailyTotal, period).order_by("day", "currency").iterator(AT_ONCE):
        yield total.day, total.currency, total.orders, total.units, plain(total.revenue, total.currency)


def products(period: Period) -> Table:
    """Yield what was sold of each product in each currency."""
    yield "product", "currency", "orders", "units", "revenue"
    sums = within(DailySales, period).values_list("product__name", "currency", "product")
    sums = sums.annotate(Sum("orders"), Sum("units"), of=Sum("revenue")).order_by("currency", "-of", "product")
    for name, currency, _product, orders, units, revenue in sums.iterator(AT_ONCE):
        yield harmless(name), currency, orders, units, plain(revenue, currency)


def sales(period: Period) -> Table:
    """Yield what was sold of each product on each day in each currency."""
    yield "day", "product", "currency", "orders", "units", "revenue"
    rows = within(DailySales, period).order_by("day", "product", "currency")
    columns = ("day", "product__name", "currency", "orders", "units", "revenue")
    for day, name, currency, orders, units, revenue in rows.values_list(*columns).iterator(AT_ONCE):
        yield day, harmless(name), currency, orders, units, plain(revenue, currency)


def writing(period: Period) -> Table:
    """Yield how much was written on each day."""
    yield "day", "posts", "comments"
    yield from within(DailyWriting, period).order_by("day").values_list("day", "posts", "comments").iterator(AT_ONCE)


TABLES: dict[str, Callable[[Period], Table]] = {each.__name__: each for each in (totals, products, sales, writing)}


def within(model: Any, period: Period) -> Any:
    """Return the rows of the period's days."""
    return model.objects.filter(day__range=(period.first, period.last))


def plain(amount: Decimal, currency: str) -> Decimal:
    """Return the amount with the decimals of its currency; SQLite adds up in floating point."""
    return amount.quantize(unit(currency))


class Line:
    """What a writer of CSV writes to: it gives back each line."""

    def write(self, line: str) -> str:
        """Return the line."""
        return line


def answer(name: str, table: Table) -> StreamingHttpResponse:
    """Return the table as a file of that name, row by row: it may be longer than memory."""
    write = csv.writer(Line()).writerow
    headers = {"Content-Disposition": str(content_disposition_header(as_attachment=True, filename=name))}
    return StreamingHttpResponse(map(write, table), content_type="text/csv; charset=utf-8", headers=headers)
