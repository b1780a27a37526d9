"""Invoices: issued at once, rendered afterwards."""

from project.jobs import task
from project.orders import invoices
from project.orders.models import Invoice, Order


@task(queue="invoices", keep_result=True)
def issue_invoice(*, order_id: int) -> str:
    """Issue the invoice of an order; returns its number.

    Idempotent: an order has one invoice.
    Gives up: after 10 attempts, about 10 minutes; the job is then `failed`, and no number is taken.
    """
    return str(invoices.issue(Order.objects.get(pk=order_id)))


@task(queue="invoices", keep_result=True)
def issue_credit_note(*, order_id: int) -> str:
    """Reverse the invoice of an order; returns the credit note's number.

    Idempotent: an order has one credit note.
    Gives up: after 10 attempts, about 10 minutes; the job is then `failed`, and no number is taken.
    """
    return str(invoices.issue_credit_note(Order.objects.get(pk=order_id)))


@task(queue="invoices", slow=True)
def render_invoice(*, invoice_id: int) -> None:
    """Render the PDF of an issued invoice.

    Idempotent: an invoice that has its PDF keeps it.
    Gives up: after 10 attempts, about 10 minutes; the job is then `failed`.
    """
    invoices.render(Invoice.objects.select_related("order__customer", "series", "refers_to__series").get(pk=invoice_id))
