"""What follows from events of `project.orders`."""

from collections.abc import Sequence
from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver

from project.jobs import enqueue
from project.orders.models import Invoice, Order
from project.orders.signals import invoice_rendered, order_cancelled, order_paid, order_placed, order_refunded
from tasks import email, invoices, statistics


@receiver(order_placed, dispatch_uid="orders.on_order_placed")
def on_order_placed(order: Order, product_ids: Sequence[int], **_: Any) -> None:
    """An order was placed: confirm it, issue its invoice, count anew what was sold."""
    enqueue(email.confirm_order, about=order, order_id=order.pk)
    enqueue(invoices.issue_invoice, about=order, order_id=order.pk)
    for product_id in product_ids:
        enqueue(statistics.recount_product, about=order, key=f"product:{product_id}", product_id=product_id)


@receiver(order_paid, dispatch_uid="orders.on_order_paid")
def on_order_paid(order: Order, product_ids: Sequence[int], **_: Any) -> None:
    """An order was paid: count anew what was sold."""
    for product_id in product_ids:
        enqueue(statistics.recount_product, about=order, key=f"product:{product_id}", product_id=product_id)


@receiver([order_cancelled, order_refunded], dispatch_uid="orders.on_order_reversed")
def on_order_reversed(order: Order, product_ids: Sequence[int], **_: Any) -> None:
    """An order was cancelled or refunded: issue a credit note, tell the customer, count anew what was sold."""
    enqueue(invoices.issue_credit_note, about=order, order_id=order.pk)
    enqueue(email.announce_reversal, about=order, order_id=order.pk)
    for product_id in product_ids:
        enqueue(statistics.recount_product, about=order, key=f"product:{product_id}", product_id=product_id)


@receiver(post_save, sender=Invoice, dispatch_uid="orders.on_invoice_issued")
def on_invoice_issued(instance: Invoice, created: bool, raw: bool, **_: Any) -> None:
    """An invoice or a credit note was issued: render its PDF."""
    if created and not raw:
        enqueue(invoices.render_invoice, about=instance, invoice_id=instance.pk)


@receiver(invoice_rendered, dispatch_uid="orders.on_invoice_rendered")
def on_invoice_rendered(invoice: Invoice, **_: Any) -> None:
    """An invoice has its PDF: send it."""
    enqueue(email.send_invoice, about=invoice, invoice_id=invoice.pk)
