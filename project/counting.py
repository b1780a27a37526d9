"""Count: figures are computed anew from rows and put in their place, in one statement; nothing is ever added to them.

So a run that is repeated, late or cut short leaves no wrong figure behind. Days are those of STATISTICS_TIME_ZONE.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, models
from django.db.models import Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

if TYPE_CHECKING:
    from project.jobs.senders import Sender

DAY = timedelta(days=1)
MOST = 200  # days in one statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """How figures are counted.

    model: their table. by: its columns that name a figure, unique together; the rows that are counted have them too.
    columns: its other columns, each as SQL over those rows; but as_of, which is the rows' read_at.
    where: which of the rows count.
    """

    model: type[models.Model]
    by: tuple[str, ...]
    columns: Mapping[str, str]
    where: str = "TRUE"


def money(units: str, price: str) -> str:
    """Return the SQL of a sum of money, exact in both databases: SQLite alone would add up floats.

    In thousandths, as prices have them.
    """
    return f"SUM({units} * CAST(ROUND({price} * 1000) AS BIGINT)) * 0.001"


def recount(rule: Rule, figures: "QuerySet[Any]", rows: "QuerySet[Any, Any]") -> None:
    """Let these figures be what the rows come to; one for which there are no rows goes. In the transaction around.

    The turn must have been taken. rows: `values` under the names of the rule, and read_at=Now().
    """
    if write(rule, rows) != figures.count():
        figures.delete()
        write(rule, rows)


def write(rule: Rule, rows: "QuerySet[Any, Any]") -> int:
    """Insert figures, or replace them. Returns how many."""
    # Django has neither INSERT ... SELECT, nor a way to count what was computed for each row without doing it twice.
    counted, params = rows.order_by().query.sql_with_params()
    columns = {name: name for name in rule.by} | dict(rule.columns) | {"as_of": "MAX(read_at)"}
    replaced = [name for name in columns if name not in rule.by]
    statement = f"""
        INSERT INTO {rule.model._meta.db_table} ({", ".join(columns)})
        WITH counted AS MATERIALIZED ({counted})
        SELECT {", ".join(columns.values())} FROM counted WHERE {rule.where} GROUP BY {", ".join(rule.by)}
        ON CONFLICT ({", ".join(rule.by)}) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in replaced)}
        """
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return int(cursor.rowcount)


def take_turn(model: type[models.Model]) -> None:
    """Wait until nobody else recounts figures of this table, and keep others waiting until the transaction ends.

    Of two who recount the same, the one that read last must also write last. SQLite has one writer at a time already.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT PG_ADVISORY_XACT_LOCK(%s::regclass::oid::bigint)", [model._meta.db_table])


def zone() -> ZoneInfo:
    """Return the time zone of the days."""
    return ZoneInfo(settings.STATISTICS_TIME_ZONE)


def day_of(moment: datetime) -> date:
    """Return the day on which a moment is."""
    return moment.astimezone(zone()).date()


def today() -> date:
    """Return the present day."""
    return day_of(timezone.now())


def as_day(field: str) -> TruncDate:
    """Return the day of a field, for a query."""
    return TruncDate(field, tzinfo=zone())


def touched(instance: "Sender", field: str) -> list[str]:
    """Return the days of a moment of an object, as it was in the database and as it is now."""
    return sorted({str(day_of(moment)) for moment in instance.before_and_now(field) if moment})


def portions(days: Collection[date]) -> Iterator[list[date]]:
    """Yield as many days as go into one statement."""
    ordered = sorted(set(days))
    for start in range(0, len(ordered), MOST):
        yield ordered[start : start + MOST]


def within(field: str, days: Collection[date]) -> Q:
    """Return the condition that a field is on one of the days, in a way that an index of the field serves."""
    found = Q()
    for first, last in stretches(days):
        until = Q() if last == date.max else Q((f"{field}__lt", start_of(last + DAY)))
        found |= Q((f"{field}__gte", start_of(first))) & until
    return found


def stretches(days: Collection[date]) -> Iterator[tuple[date, date]]:
    """Yield the first and the last day of each unbroken stretch."""
    ordered = sorted(set(days))
    first = 0
    for at, day in enumerate(ordered):
        if at + 1 == len(ordered) or ordered[at + 1] - day > DAY:
            yield ordered[first], day
            first = at + 1


def start_of(day: date) -> datetime:
    """Return the moment at which a day begins."""
    try:
        return datetime.combine(day, time(), zone()).astimezone(UTC)
    except OverflowError:  # the first of all days, in a zone that is ahead
        return datetime.min.replace(tzinfo=UTC)
