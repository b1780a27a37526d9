"""Which tax is taken: the seller's own, or none where a business in another country of the union owes it itself."""

import re
from decimal import Decimal

from project.orders.content import Party

TAXED, ZERO, REVERSE_CHARGE = "S", "Z", "AE"  # UNTDID 5305
REASONS = {REVERSE_CHARGE: "Reverse charge: the buyer accounts for the VAT (Article 196, Directive 2006/112/EC)."}
UNION = frozenset("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split())  # noqa: SIM905  shorter
PREFIXES = {"GR": "EL"}  # of VAT ids, where it is not the country's code


def reverse_charged(seller: Party, buyer: Party) -> bool:
    """Tell whether the buyer owes the tax: a business with a VAT id, in another country of the union."""
    return bool(buyer.vat_id) and seller.country != buyer.country and {seller.country, buyer.country} <= UNION


def taxed(rate: Decimal, *, reversed_charge: bool) -> tuple[str, Decimal]:
    """Return the category and the rate (per cent) of a line whose product has this rate."""
    if reversed_charge:
        return REVERSE_CHARGE, Decimal(0)
    return (TAXED if rate else ZERO), rate


def is_vat_id(text: str, country: str) -> bool:
    """Tell whether it can be a VAT id of a country of the union. Whether it is somebody's, only the country knows."""
    return bool(re.fullmatch(rf"{PREFIXES.get(country, country)}[0-9A-Z+*]{{2,12}}", text))
