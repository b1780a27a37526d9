"""The mails of this app."""

from typing import Any

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from project.notifications.mails import Attachment, Mail, compose
from project.orders.models import Invoice, Order, Refund, Reminder
from project.orders.reminders import still_owed

ISSUED = {
    "invoice": _("Invoice {invoice}"),
    "credit note": _("Credit note {invoice}"),
}
REVERSED = {
    "cancelled": _("Your order {order} was cancelled"),
    "refunded": _("Your order {order} was refunded"),
    "": _("Your order {order} was reversed in part"),
}


def confirmation(order: Order) -> Mail:
    """Confirm an order."""
    return to_customer(order, "confirmation", format_lazy(_("Your order {order}"), order=order))


def reversal(refund: Refund) -> Mail:
    """Tell that an order, or a part of it, was cancelled or refunded."""
    order = refund.order
    is_last = not order.refunds.filter(pk__gt=refund.pk).exists()  # one in part may be told after the last one
    whole = order.status if is_last and order.status in (Order.Status.CANCELLED, Order.Status.REFUNDED) else ""
    subject = format_lazy(REVERSED[whole], order=order)
    return to_customer(order, "reversal", subject, whole=whole, units=refund.lines.select_related("line"))


def reminder(reminder: Reminder) -> Mail:
    """Remind the customer of an invoice that is not paid."""
    invoice = reminder.invoice
    subject = format_lazy(_("Reminder: invoice {invoice} is due"), invoice=invoice)
    owed = still_owed(invoice)
    return to_customer(invoice.order, "reminder", subject, kind="reminder", invoice=invoice, owed=owed)


def to_customer(order: Order, template: str, subject: Promise, kind: str = "order", **more: Any) -> Mail:
    """Compose a mail about an order to who placed it."""
    context = {"order": order, "lines": order.lines.all(), **more}
    to = order.customer or order  # who was deleted is written to at the address of then, in the site's language
    return compose(f"orders/emails/{template}", to=to, kind=kind, subject=subject, context=context)


def invoice(invoice: Invoice) -> Mail:
    """Send an invoice, or a credit note, with its PDF."""
    return compose(
        "orders/emails/invoice",
        to=invoice.order.customer or invoice.order,
        kind="invoice",
        subject=format_lazy(ISSUED[invoice.kind], invoice=invoice),
        context={"invoice": invoice, "order": invoice.order},
        attachments=[Attachment(name=f"{invoice}.pdf", file=str(invoice.pdf), type="application/pdf")],
    )
