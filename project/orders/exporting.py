"""Invoices and credit notes for an accountant: a table with one row for each tax rate of each."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from project.orders.content import Content, RateSum
from project.orders.frozen import from_json
from project.orders.models import Invoice

HEADER = [
    "number",
    "kind",
    "issued_on",
    "due_on",
    "delivered_on",
    "order",
    "refers_to",
    "buyer",
    "country",
    "vat_id",
    "currency",
    "category",
    "rate",
    "net",
    "tax",
    "gross",
]
AT_ONCE = 200  # invoices in memory
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # spreadsheets take the wide ones too
# Where numbers have a decimal comma, Excel splits rows at semicolons, and of the quotes it then heeds the first alone.
SPLIT = re.compile(r"""([;\t\r\n][\s"]*)(?=[=+\-@＝＋－＠])""")


def table(first: date, last: date) -> Iterator[list[str]]:
    """Yield the header and the rows of what was issued on these days and between, credit notes with negative amounts.

    Amounts have a point and no grouping, whatever the language.
    """
    yield HEADER
    # A day more at both ends: the day that the content says is the seller's, the instant is of the whole world.
    around = (first - timedelta(days=1), last + timedelta(days=1))
    found = Invoice.objects.filter(issued_at__date__range=around).order_by("series__prefix", "number")
    for text in found.values_list("content", flat=True).iterator(AT_ONCE):
        content = from_json(text)
        if first <= content.issued_on <= last:
            yield from (row(content, rate) for rate in content.rates)


def row(content: Content, rate: RateSum) -> list[str]:
    """Return the row of one rate."""
    sign = -1 if content.refers_to else 1
    words = (
        content.number,
        content.kind,
        content.issued_on.isoformat(),
        content.due_on.isoformat(),
        content.delivered_on.isoformat(),
        content.order,
        content.refers_to.number if content.refers_to else "",
        content.buyer.name,
        content.buyer.country,
        content.buyer.vat_id,
        content.currency,
        rate.category,
    )
    return [
        *map(harmless, words),
        *map(number, (rate.rate, sign * rate.net, sign * rate.tax, sign * (rate.net + rate.tax))),
    ]


def harmless(text: str) -> str:
    """Return the text so that a spreadsheet does not run it: what people wrote, or a part, may begin like a formula."""
    text = SPLIT.sub(r"\1'", text)
    return f"'{text}" if text.startswith(FORMULA) else text


def number(amount: Decimal) -> str:
    """Return the amount with all its decimals; no zero is negative."""
    return f"{amount + 0:f}"
