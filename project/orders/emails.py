"""The mails of this app."""

from project.notifications.mails import Attachment, Mail, compose
from project.orders.models import Invoice, Order


def confirmation(order: Order) -> Mail:
    """Confirm an order."""
    return to_customer(order, "confirmation", f"Your order {order}")


def reversal(order: Order) -> Mail:
    """Tell that an order was cancelled or refunded."""
    return to_customer(order, "reversal", f"Your order {order} was {order.status}")


def to_customer(order: Order, template: str, subject: str) -> Mail:
    """Compose a mail about an order to who placed it."""
    context = {"order": order, "lines": order.lines.all()}
    return compose(f"orders/emails/{template}", to=order.customer.email, subject=subject, context=context)


def invoice(invoice: Invoice) -> Mail:
    """Send an invoice, or a credit note, with its PDF."""
    with invoice.pdf.open("rb") as file:
        attached = Attachment(f"{invoice}.pdf", file.read(), "application/pdf")
    return compose(
        "orders/emails/invoice",
        to=invoice.order.customer.email,
        subject=f"{invoice.get_kind_display().capitalize()} {invoice}",
        context={"invoice": invoice, "order": invoice.order},
        attachments=[attached],
    )
