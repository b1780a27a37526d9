"""Sums: net by tax rate, and the tax of each rate rounded once, half up."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from project.orders.models import OrderLine

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class RateSum:
    """What falls under one tax rate (per cent)."""

    rate: Decimal
    net: Decimal
    tax: Decimal


@dataclass(frozen=True, slots=True)
class Sums:
    """What an order comes to."""

    rates: tuple[RateSum, ...]
    net: Decimal
    tax: Decimal
    gross: Decimal


def sums(lines: Iterable[OrderLine]) -> Sums:
    """Add up the lines."""
    nets: defaultdict[Decimal, Decimal] = defaultdict(Decimal)
    for line in lines:
        nets[Decimal(line.tax_rate)] += line.net
    rates = tuple(RateSum(rate, net, tax_of(net, rate)) for rate, net in sorted(nets.items()))
    net, tax = sum((each.net for each in rates), Decimal(0)), sum((each.tax for each in rates), Decimal(0))
    return Sums(rates, net, tax, net + tax)


def tax_of(net: Decimal, rate: Decimal) -> Decimal:
    """Return the tax on a net sum."""
    return (net * rate / 100).quantize(CENT, ROUND_HALF_UP)
