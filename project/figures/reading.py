"""What the page shows, read from the counted figures alone, never from the orders."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby, islice
from operator import itemgetter

from django.conf import settings
from django.db.models import Min, Q, QuerySet, Sum
from django.utils import timezone

from project.blog.models import DailyWriting
from project.catalog.models import DailySales, DailyTotal, Product
from project.figures.periods import Period
from project.jobs.models import Job, State

BEST = 10  # products of a currency
CHARTED = 3  # currencies; the others are lines of a table


@dataclass(frozen=True, slots=True)
class Day:
    """What was sold on a day."""

    orders: int = 0
    units: int = 0
    revenue: Decimal = Decimal(0)


NOTHING = Day()


@dataclass(frozen=True, slots=True)
class Best:
    """What was sold of one product in one currency."""

    product: Product
    orders: int
    units: int
    revenue: Decimal


@dataclass(slots=True)
class Sales:
    """What was sold in one currency. days: of both periods, those without sales left out."""

    currency: str
    period: Period
    days: dict[date, Day] = field(default_factory=dict)
    best: list[Best] = field(default_factory=list)

    def on(self, period: Period) -> list[Day]:
        """Return all days of a period in order."""
        return [self.days.get(day, NOTHING) for day in period.days]

    @property
    def orders(self) -> int:
        """The orders of the period."""
        return sum(day.orders for day in self.on(self.period))

    @property
    def revenue(self) -> Decimal:
        """The revenue of the period."""
        return sum((day.revenue for day in self.on(self.period)), Decimal(0))

    @property
    def revenue_before(self) -> Decimal:
        """The revenue of the period before."""
        return sum((day.revenue for day in self.on(self.period.before)), Decimal(0))


def sales(period: Period) -> list[Sales]:
    """Return the sales by currency: the shop's own first, then by orders. A currency has some in one of the periods."""
    found: dict[str, Sales] = {}
    rows = DailyTotal.objects.filter(day__range=(period.before.first, period.last))
    for day, currency, *figures in rows.values_list("day", "currency", "orders", "units", "revenue"):
        found.setdefault(currency, Sales(currency, period)).days[day] = Day(*figures)
    ordered = sorted(found.values(), key=rank)
    add_best(ordered[:CHARTED], period)
    return ordered


def rank(each: Sales) -> tuple[bool, int, str]:
    """Return by what currencies are ordered."""
    return each.currency != settings.CURRENCY, -each.orders, each.currency


def add_best(several: Sequence[Sales], period: Period) -> None:
    """Add to each currency its best-selling products, by revenue."""
    by_currency = {each.currency: each for each in several}
    rows = DailySales.objects.filter(day__range=(period.first, period.last), currency__in=by_currency)
    sums = rows.values_list("currency", "product").annotate(Sum("orders"), Sum("units"), of=Sum("revenue"))
    # One pass over the rows for all currencies; Django cannot rank sums, and there is a row for each product only.
    found = sums.order_by("currency", "-of", "product")
    best = {currency: list(islice(few, BEST)) for currency, few in groupby(found, key=itemgetter(0))}
    products = Product.objects.in_bulk({product for few in best.values() for _, product, *_ in few})
    for currency, few in best.items():
        # One that is not there was deleted between the queries.
        by_currency[currency].best = [
            Best(products[pk], orders, units, revenue) for _, pk, orders, units, revenue in few if pk in products
        ]


def orders(sales: Iterable[Sales], days: Iterable[date]) -> list[int]:
    """Return the orders of each day, in all currencies."""
    several = list(sales)
    return [sum(each.days.get(day, NOTHING).orders for each in several) for day in days]


def writing(period: Period) -> dict[date, tuple[int, int]]:
    """Return the posts and comments of the days of both periods; those without any are left out."""
    rows = DailyWriting.objects.filter(day__range=(period.before.first, period.last))
    return {day: (posts, comments) for day, posts, comments in rows.values_list("day", "posts", "comments")}


def as_of() -> datetime:
    """Return the instant for which figures that are read after this are true: all that was changed before is in them.

    That is when the oldest change was made that waits to be counted, or whose recount was given up; or now.
    """
    # One statement, so that none slips by between two; each part has an index, which SQLite would not find in an `OR`.
    waiting, *others = map(oldest, (State.WAITING, State.RUNNING, State.FAILED))
    return min([timezone.now(), *waiting.union(*others)])


def oldest(state: State) -> "QuerySet[Job, datetime]":
    """Return when the oldest recount in this state was asked for; nothing where there is none."""
    recounts = Job.objects.filter(~Q(key=""), state=state, queue="statistics")  # a nightly check has no key
    return recounts.values("queue").annotate(at=Min("created_at")).values_list("at", flat=True)
