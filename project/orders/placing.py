"""What can be done to an order: placed, paid, cancelled, refunded. Each in one transaction, and announced in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.dispatch import Signal
from django.utils.crypto import get_random_string

from project.catalog.models import Product
from project.orders import signals
from project.orders.models import Order, OrderLine
from project.orders.sums import sums

if TYPE_CHECKING:
    from project.accounts.models import User

MOST = 999  # units of one product in an order
ALPHABET = "ACDEFGHJKLMNPQRTUVWXYZ234679"  # no letter that is read for another


@dataclass(frozen=True, slots=True)
class Item:
    """How many of what."""

    product: Product
    quantity: int


class CannotDo(ValidationError):
    """The order's status does not allow it."""


@transaction.atomic
def place(customer: "User", items: Sequence[Item]) -> Order:
    """Place an order. Raises ValidationError, in words for the customer, and then nothing is changed."""
    for item in sorted(items, key=lambda item: item.product.pk):  # one order of locks, else two orders deadlock
        take_from_stock(item)
    lines = [line_of(item) for item in items]
    order = Order.objects.create(
        number=get_random_string(10, ALPHABET),
        customer=customer,
        currency=items[0].product.currency,
        total=sums(lines).gross,
    )
    for line in lines:
        line.order = order
        line.save()
    announce(signals.order_placed, order)
    return order


def take_from_stock(item: Item) -> None:
    """Take the units out of the stock, or raise ValidationError."""
    if not 1 <= item.quantity <= MOST:
        raise ValidationError(f"Order between 1 and {MOST} of {item.product}, not {item.quantity}.")
    here = Product.objects.filter(pk=item.product.pk, stock__gte=item.quantity)
    if not here.update(stock=F("stock") - item.quantity):
        left = Product.objects.values_list("stock", flat=True).get(pk=item.product.pk)
        raise ValidationError(f"Only {left} of {item.product} left." if left else f"{item.product} is sold out.")


def line_of(item: Item) -> OrderLine:
    """Return the order line: a copy of the product as it is now."""
    return OrderLine(
        product=item.product,
        description=item.product.name,
        quantity=item.quantity,
        unit_price=item.product.price,
        tax_rate=item.product.tax_rate,
    )


def pay(order: Order) -> None:
    """Note that the order is paid."""
    move(order, Order.Status.PLACED, Order.Status.PAID, signals.order_paid)


def cancel(order: Order) -> None:
    """Cancel an order that is not paid yet."""
    move(order, Order.Status.PLACED, Order.Status.CANCELLED, signals.order_cancelled)


def refund(order: Order) -> None:
    """Give the money of a paid order back."""
    move(order, Order.Status.PAID, Order.Status.REFUNDED, signals.order_refunded)


@transaction.atomic
def move(order: Order, before: Order.Status, after: Order.Status, event: Signal) -> None:
    """Change the order's status and announce it; of two who try at once, one. Raises CannotDo."""
    present = Order.objects.select_for_update().get(pk=order.pk)
    if present.status != before:
        raise CannotDo(f"Order {order} is {present.status}; only one that is {before.value} can be {after.value}.")
    present.status = after
    present.save(update_fields=["status"])
    order.status = after
    if after in (Order.Status.CANCELLED, Order.Status.REFUNDED):
        put_back(present)
    announce(event, present)


def put_back(order: Order) -> None:
    """Put the order's units back into the stock."""
    for line in order.lines.order_by("product_id"):
        Product.objects.filter(pk=line.product_id).update(stock=F("stock") + line.quantity)


def announce(event: Signal, order: Order) -> None:
    """Send the signal, with what receivers would otherwise have to look up."""
    product_ids = sorted(set(order.lines.values_list("product_id", flat=True)))
    event.send(sender=Order, order=order, product_ids=product_ids)
