"""Sums: net by tax rate, and the tax of each rate rounded once, half up."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from project.orders.content import RateSum
from project.orders.taxes import REASONS

Key = tuple[str, Decimal]
Nets = Mapping[Key, Decimal]  # by tax category and rate


@dataclass(frozen=True, slots=True)
class Sums:
    """What an order, or a part of it, comes to."""

    rates: tuple[RateSum, ...]
    net: Decimal
    tax: Decimal
    gross: Decimal


def nets(amounts: Iterable[tuple[str, Decimal, Decimal]]) -> Nets:
    """Add up net amounts, given with their category and rate."""
    sums: defaultdict[Key, Decimal] = defaultdict(Decimal)
    for category, rate, net in amounts:
        sums[category, rate] += net
    return sums


def sums(of: Nets, unit: Decimal, before: Nets | None = None) -> Sums:
    """Return the sums, rounded to the currency's unit.

    before: what was reversed of the same order already. A part's tax is what it adds to the tax of the parts up to it:
    so however an order is reversed, the parts together are the whole, and none is off by more than one unit.
    """
    done = before or {}
    rates = tuple(
        RateSum(
            category=key[0],
            rate=key[1],
            net=net.quantize(unit),
            tax=tax(done.get(key, Decimal(0)) + net, key[1], unit) - tax(done.get(key, Decimal(0)), key[1], unit),
            reason=REASONS.get(key[0], ""),
        )
        for key, net in sorted(of.items())
    )
    net, taxes = sum((each.net for each in rates), Decimal(0)), sum((each.tax for each in rates), Decimal(0))
    return Sums(rates, net, taxes, net + taxes)


def tax(net: Decimal, rate: Decimal, unit: Decimal) -> Decimal:
    """Return the tax on a net sum. rate: per cent."""
    return (net * rate / 100).quantize(unit, ROUND_HALF_UP)
