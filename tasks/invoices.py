"""Invoices: issued at once, rendered afterwards."""

from project.jobs import task
from project.orders import invoices, reminders
from project.orders.models import Invoice, Order, Refund


@task(queue="invoices", keep_result=True)
def issue_invoice(*, order_id: int) -> str:
    """Issue the invoice of an order; returns its number.

    Idempotent: an order has one invoice.
    Gives up: after 10 attempts, about 10 minutes; the job is then `failed`, and no number is taken.
    """
    return str(invoices.issue(Order.objects.get(pk=order_id)))


@task(queue="invoices", keep_result=True)
def issue_credit_note(*, refund_id: int) -> str:
    """Issue the credit note of a refund; returns its number.

    Idempotent: a refund has one credit note.
    Gives up: after 10 attempts, about 10 minutes; the job is then `failed`, and no number is taken.
    """
    return str(invoices.issue_credit_note(Refund.objects.select_related("order").get(pk=refund_id)))


@task(queue="invoices", slow=True)
def render_invoice(*, invoice_id: int) -> None:
    """Render the PDF of an issued invoice.

    Idempotent: an invoice that has its PDF keeps it.
    Gives up: after 10 attempts, about 10 minutes; the job is then `failed`.
    """
    invoices.render(Invoice.objects.get(pk=invoice_id))


@task(queue="invoices", keep_result=True)
def remind_overdue() -> int:
    """Remind of the invoices that are overdue; returns how many they are.

    Idempotent: an invoice has at most one reminder a week; a second run on the same day finds none.
    Gives up: after 10 attempts, about 10 minutes; the next day's run does it.
    """
    return reminders.remind()
