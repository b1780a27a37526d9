"""The cards of the page: each some totals, a chart, and a table of what the chart shows."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from project.catalog.models import Product
from project.catalog.templatetags.money import money
from project.figures import charts, reading
from project.figures.numbers import change
from project.figures.periods import Period
from project.figures.reading import Best, Day, Sales


@dataclass(frozen=True, slots=True)
class Total:
    """A figure of the period beside that of the period before, as words. change: in per cent."""

    label: str
    value: str
    before: str
    change: str


@dataclass(frozen=True, slots=True)
class Card:
    """See above. key: names it in the page; it stays the same. table: the name of the CSV that has all of it."""

    key: str
    title: str
    totals: list[Total]
    chart: SafeString
    legend: list[str]
    header: list[str]
    rows: list[list[str]]
    table: str


def revenue(sales: Sales) -> Card:
    """Return the revenue of each day in one currency."""
    title = _("Revenue in %(currency)s") % {"currency": sales.currency}
    period, words = sales.period, in_currency(sales.currency)
    sold = sales.on(period)
    return Card(
        key=f"revenue-{sales.currency}",
        title=title,
        totals=[total(_("Revenue"), sales.revenue, sales.revenue_before, words)],
        chart=charts.bars(title, short(period.days), [day.revenue for day in sold], words),
        legend=[],
        header=[_("Day"), _("Orders"), _("Units"), _("Revenue")],
        rows=[[full(day), *row(of, words)] for day, of in zip(period.days, sold, strict=True)],
        table="totals",
    )


def best(sales: Sales) -> Card:
    """Return the best-selling products in one currency."""
    title = _("Best-selling products in %(currency)s") % {"currency": sales.currency}
    words = in_currency(sales.currency)
    names, sums = [each.product.name for each in sales.best], [each.revenue for each in sales.best]
    return Card(
        key=f"best-{sales.currency}",
        title=title,
        totals=[],
        chart=charts.ranking(title, names, sums, words),
        legend=[],
        header=[_("Product"), _("Orders"), _("Units"), _("Revenue")],
        rows=[[link(each.product), *row(each, words)] for each in sales.best],
        table="products",
    )


def in_currency(currency: str) -> Callable[[Decimal], str]:
    """Return what says amounts of the currency."""
    return lambda amount: money(amount, currency)


def row(sold: Day | Best, words: Callable[[Decimal], str]) -> list[str]:
    """Return what was sold as cells of a table."""
    return [intcomma(sold.orders), intcomma(sold.units), words(sold.revenue)]


def orders(sales: Iterable[Sales], period: Period) -> Card:
    """Return the orders of each day beside those of the period before."""
    several = list(sales)
    now, before = reading.orders(several, period.days), reading.orders(several, period.before.days)
    earlier = _("%(days)s days earlier") % {"days": len(period)}
    return Card(
        key="orders",
        title=_("Orders"),
        totals=[total(_("Orders"), sum(now), sum(before), intcomma)],
        chart=charts.lines(_("Orders"), short(period.days), now, before),
        legend=[_("These days"), earlier],
        header=[_("Day"), _("Orders"), earlier],
        rows=[[full(day), intcomma(n), intcomma(b)] for day, n, b in zip(period.days, now, before, strict=True)],
        table="totals",
    )


def writing(period: Period) -> Card:
    """Return the posts and comments of each day."""
    found = reading.writing(period)
    posts, comments = zip(*(found.get(day, (0, 0)) for day in period.days), strict=True)
    earlier_posts, earlier_comments = zip(*(found.get(day, (0, 0)) for day in period.before.days), strict=True)
    title = _("Posts and comments")
    return Card(
        key="writing",
        title=title,
        totals=[
            total(_("Posts"), sum(posts), sum(earlier_posts), intcomma),
            total(_("Comments"), sum(comments), sum(earlier_comments), intcomma),
        ],
        chart=charts.lines(title, short(period.days), comments, posts),
        legend=[_("Comments"), _("Posts")],
        header=[_("Day"), _("Comments"), _("Posts")],
        rows=[[full(day), intcomma(c), intcomma(p)] for day, c, p in zip(period.days, comments, posts, strict=True)],
        table="writing",
    )


def total(label: str, now: Any, before: Any, words: Callable[[Any], str]) -> Total:
    """Return a figure beside that of the period before."""
    return Total(label, words(now), words(before), change(now, before))


def link(product: Product) -> SafeString:
    """Return the product's name, which leads to it."""
    return format_html('<a href="{}">{}</a>', product.get_absolute_url(), product)


def short(days: Sequence[date]) -> list[str]:
    """Return the days as they stand below a chart."""
    return [date_format(day, "MONTH_DAY_FORMAT") for day in days]


def full(day: date) -> str:
    """Return the day as it stands in a table."""
    return date_format(day, "SHORT_DATE_FORMAT")
