"""Currencies: how many decimals their amounts have."""

from decimal import Decimal

# ISO 4217, list one, of 2025: those whose amounts have not two decimals. The few with four are not sold in.
NONE = frozenset("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split())  # noqa: SIM905  shorter
THREE = frozenset("BHD IQD JOD KWD LYD OMR TND".split())  # noqa: SIM905  likewise


def decimals(currency: str) -> int:
    """Return how many decimals an amount in the currency has."""
    if currency in NONE:
        return 0
    return 3 if currency in THREE else 2


def unit(currency: str) -> Decimal:
    """Return the smallest amount of the currency, to which sums are rounded."""
    return Decimal(1).scaleb(-decimals(currency))


def fits(amount: Decimal, currency: str) -> bool:
    """Tell whether the amount has no more decimals than the currency."""
    return amount == amount.quantize(unit(currency))
