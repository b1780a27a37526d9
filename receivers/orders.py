"""What follows from events of `project.orders`."""

from collections.abc import Sequence
from typing import Any

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from project.counting import touched
from project.jobs import enqueue
from project.orders.models import Invoice, Order, OrderLine, Refund, RefundLine, Reminder
from project.orders.signals import invoice_rendered, order_paid, order_placed, order_reversed
from tasks import email, invoices, statistics
from tasks.statistics import SALES


@receiver(order_placed, dispatch_uid="orders.on_order_placed")
def on_order_placed(order: Order, product_ids: Sequence[int], **_: Any) -> None:
    """An order was placed: confirm it, issue its invoice, count anew what was sold."""
    enqueue(email.confirm_order, about=order, order_id=order.pk)
    enqueue(invoices.issue_invoice, about=order, order_id=order.pk)
    days = touched(order, "placed_at")
    enqueue(statistics.recount_sales, about=order, **SALES, product_ids=product_ids, days=days)


@receiver(order_paid, dispatch_uid="orders.on_order_paid")
def on_order_paid(order: Order, product_ids: Sequence[int], **_: Any) -> None:
    """An order was paid: count anew what was sold."""
    days = touched(order, "placed_at")
    enqueue(statistics.recount_sales, about=order, **SALES, product_ids=product_ids, days=days)


@receiver(order_reversed, dispatch_uid="orders.on_order_reversed")
def on_order_reversed(order: Order, refund: Refund, product_ids: Sequence[int], **_: Any) -> None:
    """An order, or a part of it, was reversed: issue a credit note, tell the customer, count anew what was sold."""
    enqueue(invoices.issue_credit_note, about=order, refund_id=refund.pk)
    enqueue(email.announce_reversal, about=order, refund_id=refund.pk)
    days = touched(order, "placed_at")
    enqueue(statistics.recount_sales, about=order, **SALES, product_ids=product_ids, days=days)


@receiver(post_save, sender=Order, dispatch_uid="orders.on_order_changed")
def on_order_changed(instance: Order, created: bool, raw: bool, **_: Any) -> None:
    """An order stands or does not, is of another day or currency: count anew what was sold, also on the day before."""
    if not created and not raw and instance.may_differ("status", "placed_at", "currency"):
        days = touched(instance, "placed_at")
        enqueue(statistics.recount_sales, about=instance, **SALES, order_ids=[instance.pk], days=days)


@receiver(post_delete, sender=Order, dispatch_uid="orders.on_order_deleted")
def on_order_deleted(instance: Order, **_: Any) -> None:
    """An order is gone: count anew what was sold on its day. Its lines go too, each with its product."""
    enqueue(statistics.recount_sales, about=instance, **SALES, days=touched(instance, "placed_at"))


@receiver(post_save, sender=OrderLine, dispatch_uid="orders.on_line_saved")
def on_line_saved(instance: OrderLine, created: bool, raw: bool, **_: Any) -> None:
    """An order has a further line, or another one: count anew what was sold of its product, and of what it was."""
    if created and not raw:
        days = touched(instance.order, "placed_at")
        enqueue(statistics.recount_sales, about=instance.order, **SALES, product_ids=[instance.product_id], days=days)
    elif not raw and instance.may_differ("product_id", "order_id", "quantity", "unit_price"):
        products, orders = instance.before_and_now("product_id"), instance.before_and_now("order_id")
        enqueue(statistics.recount_sales, about=instance.order, **SALES, product_ids=products, order_ids=orders)


@receiver(post_delete, sender=OrderLine, dispatch_uid="orders.on_line_deleted")
def on_line_deleted(instance: OrderLine, **_: Any) -> None:
    """A line of an order is gone: count anew what was sold of its product, and with its order."""
    enqueue(statistics.recount_sales, **SALES, product_ids=[instance.product_id], order_ids=[instance.order_id])


@receiver(post_save, sender=RefundLine, dispatch_uid="orders.on_refund_line_saved")
def on_refund_line_saved(instance: RefundLine, created: bool, raw: bool, **_: Any) -> None:
    """More or fewer units of a line were reversed: count anew what was sold. A new one comes with `order_reversed`."""
    if not created and not raw and instance.may_differ("line_id", "quantity"):
        products, orders = [instance.line.product_id], [instance.line.order_id]
        enqueue(statistics.recount_sales, about=instance.line.order, **SALES, product_ids=products, order_ids=orders)


@receiver(post_delete, sender=RefundLine, dispatch_uid="orders.on_refund_line_deleted")
def on_refund_line_deleted(instance: RefundLine, **_: Any) -> None:
    """Units of a line are no longer reversed: count anew what was sold."""
    products, orders = [instance.line.product_id], [instance.line.order_id]
    enqueue(statistics.recount_sales, **SALES, product_ids=products, order_ids=orders)


@receiver(post_save, sender=Invoice, dispatch_uid="orders.on_invoice_issued")
def on_invoice_issued(instance: Invoice, created: bool, raw: bool, **_: Any) -> None:
    """An invoice or a credit note was issued: render its PDF."""
    if created and not raw:
        enqueue(invoices.render_invoice, about=instance, invoice_id=instance.pk)


@receiver(invoice_rendered, dispatch_uid="orders.on_invoice_rendered")
def on_invoice_rendered(invoice: Invoice, **_: Any) -> None:
    """An invoice has its PDF: send it."""
    enqueue(email.send_invoice, about=invoice, invoice_id=invoice.pk)


@receiver(post_save, sender=Reminder, dispatch_uid="orders.on_reminder_due")
def on_reminder_due(instance: Reminder, created: bool, raw: bool, **_: Any) -> None:
    """An invoice is overdue: remind the customer."""
    if created and not raw:
        enqueue(email.remind_of_invoice, about=instance.invoice.order, reminder_id=instance.pk)
