"""Looks whether the issued invoices are what they were: numbers, hashes, chain, sums, XML, PDF."""

import io
from collections.abc import Iterator
from decimal import Decimal
from xml.etree import ElementTree as ET

from django.core.files.storage import default_storage
from django.db import DEFAULT_DB_ALIAS
from django.db.models import F, Sum

from project.catalog.currencies import unit
from project.jobs.models import UNSETTLED, Job
from project.jobs.trail import name_of
from project.orders import einvoice, guards
from project.orders.content import Content
from project.orders.drafting import nets_of
from project.orders.frozen import digest, from_json
from project.orders.models import Invoice, InvoiceSeries, Order, OrderLine
from project.orders.sums import tax

AT_ONCE = 200  # invoices in memory


def faults() -> Iterator[str]:
    """Yield what is wrong."""
    if not guards.are_up(DEFAULT_DB_ALIAS):
        yield "The triggers that keep invoices as they are are not there; expected `manage.py migrate` to put them up."
    for series in InvoiceSeries.objects.order_by("prefix"):
        yield from of_series(series)
    yield from of_reversals()


def of_series(series: InvoiceSeries) -> Iterator[str]:
    """Yield what is wrong with a series: its numbers, its chain, each of its invoices."""
    number, before = 0, ""
    mine = Invoice.objects.filter(series=series).select_related("series", "order").order_by("number")
    for invoice in mine.iterator(AT_ONCE):
        if invoice.number != number + 1:
            yield f"{series}: after number {number} comes {invoice.number}"
        if invoice.previous_sha256 != before:
            yield f"{invoice}: its predecessor's hash is not that of number {number}"
        number, before = invoice.number, invoice.sha256
        yield from (f"{invoice}: {fault}" for fault in of_invoice(invoice))
    if series.next_number != number + 1:
        yield f"{series}: the last number is {number}, and it goes on with {series.next_number}"


def of_invoice(invoice: Invoice) -> Iterator[str]:
    """Yield what is wrong with one."""
    if digest(invoice.previous_sha256, invoice.content) != invoice.sha256:
        yield "its hash is not that of its content"
    try:
        content = from_json(invoice.content)
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as error:
        yield f"its content cannot be read ({type(error).__name__})"
        return
    yield from of_row(invoice, content)
    yield from of_sums(content)
    yield from of_files(invoice, content)


def of_row(invoice: Invoice, content: Content) -> Iterator[str]:
    """Yield the columns that say something else than the content."""
    sign = -1 if invoice.kind == Invoice.Kind.CREDIT_NOTE else 1
    pairs = {
        "number": (str(invoice), content.number),
        "kind": (invoice.kind, content.kind),
        "order": (invoice.order.number, content.order),
        "due date": (invoice.due_date, content.due_on),
        "net": (invoice.net, sign * content.net),
        "tax": (invoice.tax, sign * content.tax),
        "gross": (invoice.gross, sign * content.gross),
    }
    for name, (row, frozen) in pairs.items():
        if row != frozen:
            yield f"its {name} is {row} in the row and {frozen} in the content"


def of_sums(content: Content) -> Iterator[str]:
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


def of_files(invoice: Invoice, content: Content) -> Iterator[str]:
    """Yield what is wrong with the XML and the PDF."""
    xml = einvoice.xml_of(content) if einvoice.fits(content) else None
    if xml and (said := said_by(xml)) != (str(invoice), content.net, content.tax, content.gross):
        yield f"its XML says {said}"
    if not invoice.pdf:
        if not Job.objects.filter(about=name_of(invoice), state__in=UNSETTLED).exists():
            yield "it has no PDF, and no job that would render it waits"
    elif not default_storage.exists(str(invoice.pdf.name)):
        yield "its PDF is not in the media"
    elif embedded_in(invoice) != ([xml] if xml else []):
        yield "the XML in its PDF is another one, or none"


def said_by(xml: bytes) -> tuple[str | Decimal, ...]:
    """Return number, net, tax and gross as the XML says them."""
    root = ET.fromstring(xml)  # noqa: S314  it was made a moment ago, here
    sums = ("TaxBasisTotalAmount", "TaxTotalAmount", "GrandTotalAmount")
    said = (Decimal(root.findtext(f".//{{*}}{name}", "NaN")) for name in sums)
    return (root.findtext(".//{*}ExchangedDocument/{*}ID", ""), *said)


def embedded_in(invoice: Invoice) -> list[bytes] | None:
    """Return the files that the PDF carries; None where it cannot be read."""
    import pikepdf  # noqa: PLC0415  a web process has no use for it

    try:
        with invoice.pdf.open("rb") as file, pikepdf.open(io.BytesIO(file.read())) as read:
            return [attached.get_file().read_bytes() for attached in read.attachments.values()]
    except pikepdf.PdfError:
        return None


def of_reversals() -> Iterator[str]:
    """Yield the orders of which more was reversed than was invoiced, and those reversed whole that are not at zero."""
    lines = OrderLine.objects.annotate(back=Sum("refund_lines__quantity")).filter(back__gt=F("quantity"))
    for line in lines.select_related("order").iterator(AT_ONCE):
        yield f"order {line.order}: {line.back} units of line {line.pk} were reversed, of {line.quantity}"
    for invoice in Invoice.objects.filter(credit_notes__isnull=False).distinct().iterator(AT_ONCE):
        yield from of_credit(invoice)


def of_credit(invoice: Invoice) -> Iterator[str]:
    """Yield it where an invoice's credit notes are too much, or too little of one reversed whole."""
    back = [-gross for gross in invoice.credit_notes.values_list("gross", flat=True)]
    left = invoice.gross - sum(back)
    whole = invoice.order.status in (Order.Status.CANCELLED, Order.Status.REFUNDED)
    if left < 0 or (whole and left and len(back) == invoice.order.refunds.count()):
        yield f"{invoice}: {invoice.gross:f} were invoiced and {sum(back):f} credited"
