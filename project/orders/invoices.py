"""Issues invoices: irrevocable, numbered without gap. Their PDF is rendered afterwards."""

from dataclasses import replace
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.crypto import salted_hmac

from project.jobs import settling
from project.orders import drafting, pdf, signals
from project.orders.content import Content
from project.orders.days import today
from project.orders.frozen import digest, from_json, to_json
from project.orders.models import Invoice, InvoiceSeries, Order, Refund

PREFIXES = {Invoice.Kind.INVOICE.value: "INV", Invoice.Kind.CREDIT_NOTE.value: "CN"}


def issue(order: Order) -> Invoice:
    """Issue the order's invoice, or return it where it is issued already."""
    mine = {"order": order, "kind": Invoice.Kind.INVOICE}
    return issued(mine) or write(drafting.of_order(order, today()), mine)


@transaction.atomic
def issue_credit_note(refund: Refund) -> Invoice:
    """Issue the refund's credit note, or return it where it is issued already.

    An order reversed before its invoice was issued gets both: the numbers then tell what happened.
    """
    invoice = issue(refund.order)
    mine = {"order": refund.order, "kind": Invoice.Kind.CREDIT_NOTE, "refers_to": invoice, "refund": refund}
    return issued(mine) or write(drafting.of_refund(refund, invoice, today()), mine)


def issued(mine: dict[str, Any]) -> Invoice | None:
    """Return the invoice where it is issued already."""
    return Invoice.objects.filter(**mine).first()


@transaction.atomic
def write(draft: Content, mine: dict[str, Any]) -> Invoice:
    """Take the next number and write the invoice, unless somebody else was quicker.

    The series' lock puts all who issue in a row: whatever takes time has been done before.
    """
    series = locked_series(draft)
    if there := issued(mine):
        return there
    number, sign = series.next_number, -1 if draft.refers_to else 1
    before = Invoice.objects.filter(series=series, number=number - 1).values_list("sha256", flat=True).first() or ""
    invoice = Invoice(**mine, series=series, number=number, previous_sha256=before, due_date=draft.due_on)
    invoice.net, invoice.tax, invoice.gross = sign * draft.net, sign * draft.tax, sign * draft.gross
    invoice.content = to_json(replace(draft, number=str(invoice)))
    invoice.sha256 = digest(before, invoice.content)
    invoice.save()
    series.next_number += 1
    series.save(update_fields=["next_number"])
    return invoice


def locked_series(draft: Content) -> InvoiceSeries:
    """Return the year's series of a kind, locked until the transaction ends."""
    prefix = f"{PREFIXES[draft.kind]}-{draft.issued_on.year}-"
    InvoiceSeries.objects.get_or_create(prefix=prefix)
    return InvoiceSeries.objects.select_for_update().get(prefix=prefix)


def render(invoice: Invoice) -> None:
    """Render the invoice's PDF and announce it, unless it is rendered already."""
    if invoice.pdf:
        return
    made = pdf.render(from_json(invoice.content))
    name = default_storage.save(name_of(made), ContentFile(made))
    with settling():
        mine = Invoice.objects.select_for_update().get(pk=invoice.pk)
        if not mine.pdf:
            mine.pdf.name = invoice.pdf.name = name
            mine.save(update_fields=["pdf"])
            signals.invoice_rendered.send(sender=Invoice, invoice=mine)


def name_of(made: bytes, secret: str | None = None) -> str:
    """Return the file's name: the content and the site's secret decide it, so that nobody can guess it.

    secret: another one than the present one.
    """
    return f"invoices/{salted_hmac('project.orders.invoices', made, secret, algorithm='sha256').hexdigest()}.pdf"
