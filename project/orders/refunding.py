"""What can be reversed of an order: cancelled, refunded, whole or in part. A credit note follows each time."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Sum
from django.db.models.functions import Coalesce

from project.catalog.models import Product
from project.orders import signals
from project.orders.models import Order, OrderLine, Refund, RefundLine
from project.orders.placing import announce, locked

if TYPE_CHECKING:
    from project.accounts.models import User

REVERSED = {Order.Status.PLACED.value: Order.Status.CANCELLED, Order.Status.PAID.value: Order.Status.REFUNDED}


def cancel(order: Order, *, reason: str = "", by: "User | None" = None) -> Refund:
    """Cancel an order that is not paid yet. Raises CannotDo."""
    return reverse(order, [Order.Status.PLACED], "cancelled", reason=reason, by=by)


def refund(
    order: Order, units: Mapping[int, int] | None = None, *, reason: str = "", by: "User | None" = None
) -> Refund:
    """Give the money of a paid order back, or of so many units of some of its lines (by id).

    Units of an order that is not paid yet are then not owed. Raises CannotDo, and ValidationError where more would be
    reversed than was invoiced.
    """
    before = [Order.Status.PAID] if units is None else [Order.Status.PLACED, Order.Status.PAID]
    return reverse(order, before, "refunded", units, reason=reason, by=by)


@transaction.atomic
def reverse(
    order: Order,
    before: Sequence[Order.Status],
    after: str,
    units: Mapping[int, int] | None = None,
    *,
    reason: str,
    by: "User | None",
) -> Refund:
    """Reverse what is left of the order, or a part of it; of two who try at once, one after the other."""
    present = locked(order, before, after)
    left = lines_left(present)
    chosen = left if units is None else choose(left, units)
    made = Refund.objects.create(order=present, reason=reason, by=by)
    RefundLine.objects.bulk_create(
        RefundLine(refund=made, line=line, quantity=quantity) for line, quantity in chosen.items()
    )
    put_back(chosen)
    if chosen == left:
        order.status = present.status = REVERSED[present.status]
        present.save(update_fields=["status"])
    announce(signals.order_reversed, present, {line.product_id for line in chosen}, refund=made)
    return made


def lines_left(order: Order) -> dict[OrderLine, int]:
    """Return the lines of which something can still be reversed, each with how many units."""
    lines = order.lines.annotate(left=F("quantity") - Coalesce(Sum("refund_lines__quantity"), 0))
    return {line: line.left for line in lines if line.left}


def choose(left: Mapping[OrderLine, int], units: Mapping[int, int]) -> dict[OrderLine, int]:
    """Return the lines that are to be reversed, each with how many units. Raises ValidationError."""
    by_id = {line.pk: line for line in left}
    for pk, quantity in units.items():
        line = by_id.get(pk)
        if quantity < 0 or quantity > (left[line] if line else 0):
            words = f"{left[line]} of {line.description}" if line else f"nothing of line {pk}"
            raise ValidationError(f"At most {words} can still be reversed, not {quantity}.")
    chosen = {by_id[pk]: quantity for pk, quantity in units.items() if quantity}
    if not chosen:
        raise ValidationError("Nothing is chosen; expected at least one unit of a line.")
    return chosen


def put_back(units: Mapping[OrderLine, int]) -> None:
    """Put the units back into the stock."""
    for line in sorted(units, key=lambda line: line.product_id):  # one order of locks, else two of them deadlock
        Product.objects.filter(pk=line.product_id).update(stock=F("stock") + units[line])
