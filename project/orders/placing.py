"""How an order comes to be: placed, then paid. Each in one transaction, and announced in it."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.dispatch import Signal
from django.utils.crypto import get_random_string

from project.catalog.currencies import fits, unit
from project.catalog.models import Product
from project.orders import signals
from project.orders.content import Party
from project.orders.drafting import seller
from project.orders.models import BillingAddress, Order, OrderLine
from project.orders.sums import nets, sums
from project.orders.taxes import reverse_charged, taxed

if TYPE_CHECKING:
    from project.accounts.models import User

MOST = 999  # units of one product in an order
DEAREST = Decimal(10**12)  # an order's total stays below: SQLite keeps 15 digits of a number, three of them decimals
ALPHABET = "ACDEFGHJKLMNPQRTUVWXYZ234679"  # no letter that is read for another


@dataclass(frozen=True, slots=True)
class Item:
    """How many of what."""

    product: Product
    quantity: int


class CannotDo(ValidationError):
    """The order's status does not allow it."""


class AddressMissing(ValidationError):
    """The customer has to say first whom the invoice is for."""


@transaction.atomic
def place(customer: "User", items: Sequence[Item]) -> Order:
    """Place an order. Raises ValidationError, in words for the customer, and then nothing is changed."""
    buyer, currency = buyer_for(customer), currency_of(items)
    for item in sorted(items, key=lambda item: item.product.pk):  # one order of locks, else two orders deadlock
        take_from_stock(item)
    reversed_charge = reverse_charged(seller(), buyer)
    lines = [line_of(item, reversed_charge=reversed_charge) for item in items]
    total = sums(nets((each.tax_category, each.tax_rate, each.net) for each in lines), unit(currency)).gross
    if total >= DEAREST:
        raise ValidationError(f"This order comes to {total} {currency}; expected less than {DEAREST}. Order less.")
    number = get_random_string(10, ALPHABET)
    order = Order.objects.create(number=number, customer=customer, buyer=asdict(buyer), currency=currency, total=total)
    for line in lines:
        line.order = order
    OrderLine.objects.bulk_create(lines)
    announce(signals.order_placed, order, {item.product.pk for item in items})
    return order


def buyer_for(customer: "User") -> Party:
    """Return whom the customer's invoices are for now. Raises AddressMissing."""
    address = BillingAddress.objects.select_related("user").filter(user=customer).first()
    if address is None:
        raise AddressMissing("Please give the address for the invoice first.")
    return address.party()


def currency_of(items: Sequence[Item]) -> str:
    """Return the currency of all items. Raises ValidationError where they have several, or cannot be paid in it."""
    if not items:
        raise ValidationError("Order at least one product.")
    currencies = sorted({item.product.currency for item in items})
    if len(currencies) > 1:
        raise ValidationError(f"An order is in one currency, not in {' and '.join(currencies)}. Order them apart.")
    for item in items:
        if not item.product.can_be_invoiced:
            raise ValidationError(
                f"{item.product} cannot be ordered: its price, tax or currency is wrong. Please tell us."
            )
        if not fits(item.product.price, currencies[0]):
            raise ValidationError(f"The price of {item.product} cannot be paid in {currencies[0]}. Please tell us.")
    return currencies[0]


def take_from_stock(item: Item) -> None:
    """Take the units out of the stock, or raise ValidationError."""
    if not 1 <= item.quantity <= MOST:
        raise ValidationError(f"Order between 1 and {MOST} of {item.product}, not {item.quantity}.")
    here = Product.objects.filter(pk=item.product.pk, stock__gte=item.quantity)
    if not here.update(stock=F("stock") - item.quantity):
        left = Product.objects.values_list("stock", flat=True).get(pk=item.product.pk)
        raise ValidationError(f"Only {left} of {item.product} left." if left else f"{item.product} is sold out.")


def line_of(item: Item, *, reversed_charge: bool) -> OrderLine:
    """Return the order line: a copy of the product as it is now."""
    category, rate = taxed(item.product.tax_rate, reversed_charge=reversed_charge)
    return OrderLine(
        product=item.product,
        description=item.product.name,
        quantity=item.quantity,
        unit_price=item.product.price,
        tax_rate=rate,
        tax_category=category,
    )


@transaction.atomic
def pay(order: Order) -> None:
    """Note that the order is paid. Raises CannotDo."""
    present = locked(order, [Order.Status.PLACED], "paid")
    order.status = present.status = Order.Status.PAID
    present.save(update_fields=["status"])
    announce(signals.order_paid, present, set(present.lines.values_list("product_id", flat=True)))


def locked(order: Order, before: Sequence[Order.Status], after: str) -> Order:
    """Return the order, locked until the transaction ends. Raises CannotDo where it is in none of these states."""
    present = Order.objects.select_for_update().get(pk=order.pk)
    if present.status not in before:
        allowed = " or ".join(status.value for status in before)
        raise CannotDo(f"Order {order} is {present.status}; only one that is {allowed} can be {after}.")
    return present


def announce(event: Signal, order: Order, product_ids: Collection[int], **more: Any) -> None:
    """Send the signal, with what receivers would otherwise have to look up."""
    event.send(sender=Order, order=order, product_ids=sorted(product_ids), **more)
