"""Drafts: what an invoice or a credit note will say, all but its number."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from datetime import date, timedelta
from decimal import Decimal

from django.conf import settings

from project.catalog.currencies import unit
from project.orders.content import Content, Line, Party, Reference
from project.orders.days import day_of
from project.orders.frozen import from_json, read
from project.orders.models import Invoice, Order, OrderLine, Refund, RefundLine
from project.orders.sums import Nets, nets, sums

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
    smallest = unit(order.currency)
    lines = tuple(line_of(line, smallest) for line in order.lines.all())
    total = sums(nets_of(lines), smallest)
    return Content(
        kind=Invoice.Kind.INVOICE.value,
        number="",
        order=order.number,
        issued_on=today,
        due_on=today + timedelta(days=settings.INVOICE_DUE_DAYS),
        delivered_on=day_of(order.placed_at),
        currency=order.currency,
        seller=seller(),
        buyer=buyer_of(order),
        lines=lines,
        rates=total.rates,
        net=total.net,
        tax=total.tax,
        gross=total.gross,
        iban=str(settings.SELLER["iban"]),
    )


def of_refund(refund: Refund, invoice: Invoice, today: date) -> Content:
    """Draft the credit note of a refund, which reverses a part of an invoice or all of it: as that was issued.

    The order's lines may have changed since, and then more would be credited than was invoiced.
    """
    original = from_json(invoice.content)
    frozen = dict(zip(refund.order.lines.values_list("pk", flat=True), original.lines, strict=True))
    lines = units_of(refund.lines.all(), frozen)
    before = units_of(RefundLine.objects.filter(refund__order=refund.order, refund__lt=refund.pk), frozen)
    total = sums(nets_of(lines), unit(original.currency), nets_of(before))
    return replace(
        original,
        kind=Invoice.Kind.CREDIT_NOTE.value,
        number="",
        issued_on=today,
        due_on=today,
        lines=lines,
        rates=total.rates,
        net=total.net,
        tax=total.tax,
        gross=total.gross,
        refers_to=Reference(number=original.number, issued_on=original.issued_on),
    )


def units_of(lines: Iterable[RefundLine], frozen: Mapping[int, Line]) -> tuple[Line, ...]:
    """Return the refunded units, each as its line was invoiced. frozen: these lines, by the id of the order's."""
    found = ((frozen[each.line_id], each.quantity) for each in lines)
    return tuple(replace(line, quantity=quantity, net=quantity * line.unit_price) for line, quantity in found)


def nets_of(lines: Iterable[Line]) -> Nets:
    """Add up the lines."""
    return nets((line.category, line.rate, line.net) for line in lines)


def line_of(line: OrderLine, smallest: Decimal) -> Line:
    """Draft a line."""
    return Line(
        description=written(line.description),
        quantity=line.quantity,
        unit_price=line.unit_price.quantize(smallest),
        net=line.net.quantize(smallest),
        category=line.tax_category,
        rate=line.tax_rate,
    )
