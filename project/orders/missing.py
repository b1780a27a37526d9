"""Looks whether each order has its invoice, and each refund its own credit note, over no more than was invoiced."""

from collections.abc import Iterator
from typing import Any

from django.db.models import BigIntegerField, Exists, F, OuterRef, QuerySet, Sum
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from project.jobs.models import UNSETTLED, Job
from project.orders.content import Content
from project.orders.models import Invoice, Order, OrderLine, Refund

AT_ONCE = 200  # rows in memory
ISSUES, CREDITS = "invoices.issue_invoice", "invoices.issue_credit_note"


def of_missing() -> Iterator[str]:
    """Yield the orders without an invoice and the refunds without a credit note, where no job waits that issues it."""
    invoices = Invoice.objects.filter(order=OuterRef("pk"), kind=Invoice.Kind.INVOICE)
    for order in without(Order.objects.all(), invoices, ISSUES, "order_id"):
        yield f"order {order}: it has no invoice, and no job that would issue it waits"
    notes = Invoice.objects.filter(refund=OuterRef("pk"))
    for refund in without(Refund.objects.select_related("order"), notes, CREDITS, "refund_id"):
        yield f"order {refund.order}: refund {refund.pk} has no credit note, and no job that would issue it waits"


def without(rows: "QuerySet[Any]", invoices: "QuerySet[Invoice]", task: str, name: str) -> Iterator[Any]:
    """Yield the rows without these invoices. name: of the task's argument, a row's id.

    In one statement: between two of them a job ends, and has issued what the first did not see.
    """
    asked = Cast(KeyTextTransform(name, "kwargs"), BigIntegerField())
    jobs = Job.objects.filter(task=task, state__in=UNSETTLED).annotate(asked=asked).filter(asked=OuterRef("pk"))
    return rows.exclude(Exists(invoices)).exclude(Exists(jobs)).order_by("pk").iterator(AT_ONCE)


def of_note(note: Invoice, content: Content) -> Iterator[str]:
    """Yield it where a credit note is not of the refund that its row names."""
    refund = note.refund
    if refund and refund.order_id != note.order_id:
        yield "its refund is of another order"
    elif refund and [line.quantity for line in refund.lines.all()] != [line.quantity for line in content.lines]:
        yield "its units are not those of its refund"


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
