"""Drafts: what an invoice or a credit note will say, all but its number."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from datetime import date, timedelta
from decimal import Decimal

from django.conf import settings
from django.utils import timezone

from project.catalog.currencies import unit
from project.orders.content import Content, Line, Party, Reference
from project.orders.frozen import from_json, read
from project.orders.models import Invoice, Order, OrderLine, Refund, RefundLine
from project.orders.sums import Nets, Sums, nets, sums

UNWRITABLE = {"Cc", "Cs", "Cn", "Zl", "Zp"}  # kinds of characters that a line of XML cannot hold, or should not


def seller() -> Party:
    """Return who sells."""
    values = {name: settings.SELLER[name] for name in (field.name for field in fields(Party))}
    party: Party = read(Party, values)
    return party


def buyer_of(order: Order) -> Party:
    """Return who buys, in characters that can be written anywhere."""
    values = {
        name: [*map(written, value)] if name == "address" else written(value) for name, value in order.buyer.items()
    }
    party: Party = read(Party, values)
    return party


def written(text: str) -> str:
    """Return the text as one line, without what cannot be written: control characters and half pairs."""
    return " ".join("".join(" " if unicodedata.category(each) in UNWRITABLE else each for each in text).split())


def of_order(order: Order, today: date) -> Content:
    """Draft the order's invoice."""
    lines = [(line, line.quantity) for line in order.lines.all()]
    return draft(order, lines, sums(nets_of(lines), unit(order.currency)), issued_on=today)


def of_refund(refund: Refund, invoice: Invoice, today: date) -> Content:
    """Draft the credit note of a refund, which reverses a part of an invoice or all of it."""
    earlier = RefundLine.objects.filter(refund__order=refund.order, refund__lt=refund.pk).select_related("line")
    lines, before = units_of(refund.lines.select_related("line")), units_of(earlier)
    total = sums(nets_of(lines), unit(refund.order.currency), nets_of(before))
    original = from_json(invoice.content)
    note = draft(refund.order, lines, total, issued_on=today)
    refers_to = Reference(number=original.number, issued_on=original.issued_on)
    return replace(note, kind=Invoice.Kind.CREDIT_NOTE.value, due_on=today, refers_to=refers_to)


def units_of(lines: Iterable[RefundLine]) -> list[tuple[OrderLine, int]]:
    """Return the refunded lines, each with how many units."""
    return [(each.line, each.quantity) for each in lines]


def nets_of(lines: Iterable[tuple[OrderLine, int]]) -> Nets:
    """Add up so many units of each line."""
    return nets((line.tax_category, line.tax_rate, quantity * line.unit_price) for line, quantity in lines)


def draft(order: Order, lines: Sequence[tuple[OrderLine, int]], total: Sums, *, issued_on: date) -> Content:
    """Draft an invoice over so many units of each line."""
    return Content(
        kind=Invoice.Kind.INVOICE.value,
        number="",
        order=order.number,
        issued_on=issued_on,
        due_on=issued_on + timedelta(days=settings.INVOICE_DUE_DAYS),
        delivered_on=timezone.localdate(order.placed_at),
        currency=order.currency,
        seller=seller(),
        buyer=buyer_of(order),
        lines=tuple(line_of(line, quantity, unit(order.currency)) for line, quantity in lines),
        rates=total.rates,
        net=total.net,
        tax=total.tax,
        gross=total.gross,
        iban=str(settings.SELLER["iban"]),
    )


def line_of(line: OrderLine, quantity: int, smallest: Decimal) -> Line:
    """Draft a line over so many units of an order's line."""
    return Line(
        description=written(line.description),
        quantity=quantity,
        unit_price=line.unit_price.quantize(smallest),
        net=(quantity * line.unit_price).quantize(smallest),
        category=line.tax_category,
        rate=line.tax_rate,
    )
