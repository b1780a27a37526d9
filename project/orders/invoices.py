"""Issues invoices: irrevocable, numbered without gap. Their PDF is rendered afterwards."""

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from project.jobs import settling
from project.orders import pdf, signals
from project.orders.models import Invoice, InvoiceSeries, Order
from project.orders.sums import sums

if TYPE_CHECKING:
    from datetime import date

PREFIXES = {Invoice.Kind.INVOICE: "INV", Invoice.Kind.CREDIT_NOTE: "CN"}
DUE_IN = timedelta(days=30)


@transaction.atomic
def issue(order: Order) -> Invoice:
    """Issue the order's invoice, or return it where it is issued already."""
    return write(order, Invoice.Kind.INVOICE)


@transaction.atomic
def issue_credit_note(order: Order) -> Invoice:
    """Reverse the order's invoice, or return the credit note where it is issued already.

    An order cancelled before its invoice was issued gets both: the numbers then tell what happened.
    """
    return write(order, Invoice.Kind.CREDIT_NOTE, refers_to=issue(order))


def write(order: Order, kind: Invoice.Kind, refers_to: Invoice | None = None) -> Invoice:
    """Take the next number and write the invoice. The series' lock puts all who issue in a row."""
    today = timezone.now().date()
    series = locked_series(kind, today)
    issued = Invoice.objects.filter(order=order, kind=kind).first()
    if issued is not None:
        return issued
    sign = -1 if kind is Invoice.Kind.CREDIT_NOTE else 1
    total = sums(order.lines.all())
    buyer = order.customer
    invoice = Invoice.objects.create(
        order=order,
        series=series,
        number=series.next_number,
        kind=kind,
        refers_to=refers_to,
        due_date=today + DUE_IN,
        buyer_name=buyer.get_full_name() or buyer.get_username(),
        buyer_email=buyer.email,
        net=sign * total.net,
        tax=sign * total.tax,
        gross=sign * total.gross,
    )
    series.next_number += 1
    series.save(update_fields=["next_number"])
    return invoice


def locked_series(kind: Invoice.Kind, today: "date") -> InvoiceSeries:
    """Return the year's series of a kind, locked until the transaction ends."""
    prefix = f"{PREFIXES[kind]}-{today.year}-"
    InvoiceSeries.objects.get_or_create(prefix=prefix)
    return InvoiceSeries.objects.select_for_update().get(prefix=prefix)


def render(invoice: Invoice) -> None:
    """Render the invoice's PDF and announce it, unless it is rendered already. The name is decided by the content."""
    if invoice.pdf:
        return
    content = pdf.render(invoice)
    with settling():
        name = f"invoices/{hashlib.sha256(content).hexdigest()}.pdf"
        invoice.pdf.name = default_storage.save(name, ContentFile(content))
        invoice.save(update_fields=["pdf"])
        signals.invoice_rendered.send(sender=Invoice, invoice=invoice)
