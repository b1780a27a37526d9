"""Looks whether the issued invoices are what they were: numbers, hashes, chain, sums, XML, PDF; if none lacks."""

from collections.abc import Iterator
from datetime import timedelta

from django.db import DEFAULT_DB_ALIAS

from project.catalog.currencies import unit
from project.orders import guards
from project.orders.content import Content
from project.orders.drafting import nets_of
from project.orders.frozen import digest, from_json
from project.orders.missing import AT_ONCE, of_missing, of_note, of_reversals
from project.orders.models import Invoice, InvoiceSeries
from project.orders.rendered import of_files
from project.orders.sums import tax


def faults() -> Iterator[str]:
    """Yield what is wrong."""
    if not guards.are_up(DEFAULT_DB_ALIAS):
        yield "The triggers that keep invoices as they are are not there, or others; `manage.py migrate` puts them up."
    for series in InvoiceSeries.objects.order_by("prefix"):
        yield from of_series(series)
    yield from of_missing()
    yield from of_reversals()


def of_series(series: InvoiceSeries) -> Iterator[str]:
    """Yield what is wrong with a series: its numbers, its chain, each of its invoices."""
    number, before = 0, ""
    mine = Invoice.objects.filter(series=series).select_related("series", "order", "refers_to__series", "refund")
    for invoice in mine.prefetch_related("refund__lines").order_by("number").iterator(AT_ONCE):
        if invoice.number != number + 1:
            yield f"{series}: after number {number} comes {invoice.number}"
        if invoice.previous_sha256 != before:
            yield f"{invoice}: its predecessor's hash is not that of number {number}"
        number, before = invoice.number, invoice.sha256
        yield from (f"{invoice}: {fault}" for fault in of_invoice(invoice))
    if series.next_number != number + 1:
        yield f"{series}: the last number is {number}, and it goes on with {series.next_number}"


def of_invoice(invoice: Invoice) -> Iterator[str]:
    """Yield what is wrong with one, be it that nothing can be told."""
    try:
        yield from of_content(invoice)
    except Exception as error:  # noqa: BLE001  what comes after it is to be told too
        yield f"it cannot be checked ({type(error).__name__})"


def of_content(invoice: Invoice) -> Iterator[str]:
    """Yield what is wrong with one, as long as it can be told."""
    if digest(invoice.previous_sha256, invoice.content) != invoice.sha256:
        yield "its hash is not that of its content"
    try:
        content = from_json(invoice.content)
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as error:
        yield f"its content cannot be read ({type(error).__name__})"
        return
    for look in (of_row, of_sums, of_note, of_files):
        yield from look(invoice, content)


def of_row(invoice: Invoice, content: Content) -> Iterator[str]:
    """Yield the columns that say something else than the content."""
    sign = -1 if invoice.kind == Invoice.Kind.CREDIT_NOTE else 1
    pairs = {
        "number": (str(invoice), content.number),
        "kind": (invoice.kind, content.kind),
        "order": (invoice.order.number, content.order),
        "original": (str(invoice.refers_to or ""), content.refers_to.number if content.refers_to else ""),
        "due date": (invoice.due_date, content.due_on),
        "net": (invoice.net, sign * content.net),
        "tax": (invoice.tax, sign * content.tax),
        "gross": (invoice.gross, sign * content.gross),
    }
    for name, (row, frozen) in pairs.items():
        if row != frozen:
            yield f"its {name} is {row} in the row and {frozen} in the content"
    # The content's day is the seller's, the instant is of the whole world.
    if abs(invoice.issued_at.date() - content.issued_on) > timedelta(days=1):
        yield f"its day of issue is {invoice.issued_at.date()} in the row and {content.issued_on} in the content"


def of_sums(_: Invoice, content: Content) -> Iterator[str]:
    """Yield the sums that do not add up. A credit note's tax may be one unit off: it completes those before it."""
    smallest = unit(content.currency)
    off = smallest if content.refers_to else 0
    if any(line.net != line.quantity * line.unit_price for line in content.lines):
        yield "a line is not quantity times price"
    if {(rate.category, rate.rate): rate.net for rate in content.rates} != nets_of(content.lines):
        yield "the lines do not add up to the net sums of the rates"
    if any(abs(rate.tax - tax(rate.net, rate.rate, smallest)) > off for rate in content.rates):
        yield "the tax of a rate is not that of its net sum"
    net, taxes = sum(rate.net for rate in content.rates), sum(rate.tax for rate in content.rates)
    if (content.net, content.tax, content.gross) != (net, taxes, net + taxes):
        yield "net, tax and gross are not the sums over the rates"
