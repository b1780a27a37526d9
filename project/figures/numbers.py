"""Numbers as the reader writes them. Sums of money: see `project/catalog/templatetags/money.py`; counts: `intcomma`."""

from datetime import timedelta
from decimal import Decimal

from babel.dates import format_timedelta
from babel.numbers import format_compact_decimal, format_decimal, format_percent
from django.utils.translation import get_language, gettext, to_locale

LARGER = 1.5  # of a larger unit is said in that unit, as `live.js` does


def reader() -> str:
    """Return the reader's locale."""
    return to_locale(get_language() or "en")


def compact(number: float) -> str:
    """Return a number for the axis of a chart, such as 1.5K."""
    short = format_compact_decimal(number, locale=reader(), fraction_digits=3 if number < 1 else 1)
    # Where a language has no short form, as German for thousands, Babel leaves out the grouping too.
    return short if any(map(str.isalpha, short)) else format_decimal(number, locale=reader())


def change(now: Decimal | int, before: Decimal | int) -> str:
    """Return by how many per cent it is more or less than before; "new" where there was nothing."""
    if not before:
        return gettext("new") if now else ""
    share = round((Decimal(now) - Decimal(before)) / abs(Decimal(before)), 2)
    return ("+" if share > 0 else "") + format_percent(share + 0, locale=reader())


def ago(age: timedelta) -> str:
    """Return how long ago something was, such as "3 seconds ago"."""
    seconds = round(age.total_seconds())
    if seconds < 1:
        return gettext("now")
    return format_timedelta(-timedelta(seconds=seconds), threshold=LARGER, add_direction=True, locale=reader())
