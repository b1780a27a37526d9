"""The invoice as a PDF, set by Typst: see `docs/decisions` for how it was chosen."""

import json
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings

from project.orders.models import Invoice
from project.orders.sums import sums

if TYPE_CHECKING:
    import typst

TEMPLATE = Path(__file__).with_name("invoice.typ")


def render(invoice: Invoice) -> bytes:
    """Return the PDF: the same bytes for the same invoice."""
    import typst  # noqa: PLC0415  the web process imports this module, and must not the library

    # All that people wrote goes in as data: it is never read as Typst.
    data = {"invoice": json.dumps(content_of(invoice))}
    content = typst.compile(str(TEMPLATE), format="pdf", font_paths=fonts(), sys_inputs=data)
    if not isinstance(content, bytes):
        raise TypeError(f"Typst returned {type(content).__name__}; expected the PDF's bytes.")
    return content


@cache
def fonts() -> "typst.Fonts":
    """Return the fonts, looked for once in a process: doing so for each document takes longer than a short invoice."""
    import typst  # noqa: PLC0415  as above

    return typst.Fonts()


def content_of(invoice: Invoice) -> dict[str, Any]:
    """Return what the template shows, as text."""
    lines = list(invoice.order.lines.all())
    sign = -1 if invoice.kind == Invoice.Kind.CREDIT_NOTE else 1
    return {
        "title": invoice.get_kind_display().capitalize(),
        "number": str(invoice),
        "refers_to": str(invoice.refers_to) if invoice.refers_to else "",
        "order": invoice.order.number,
        "issued": parts(invoice.issued_at),
        "due": invoice.due_date.isoformat(),
        "seller": settings.SELLER,
        "buyer": {"name": invoice.buyer_name, "email": invoice.buyer_email},
        "currency": invoice.order.currency,
        "lines": [
            {
                "description": line.description,
                "quantity": str(sign * line.quantity),
                "unit_price": money(line.unit_price),
                "tax_rate": f"{line.tax_rate.normalize():f}",
                "net": money(sign * line.net),
            }
            for line in lines
        ],
        "rates": [
            {"rate": f"{rate.rate.normalize():f}", "net": money(sign * rate.net), "tax": money(sign * rate.tax)}
            for rate in sums(lines).rates
        ],
        "net": money(invoice.net),
        "tax": money(invoice.tax),
        "gross": money(invoice.gross),
    }


def parts(moment: datetime) -> dict[str, int]:
    """Return a date as Typst's `datetime` takes it."""
    return {"year": moment.year, "month": moment.month, "day": moment.day}


def money(amount: Decimal) -> str:
    """Return an amount with two decimals and grouped thousands."""
    return f"{amount:,.2f}"
