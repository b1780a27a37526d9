"""What an invoice says: frozen when it is issued, and all that its PDF and its XML are made from."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Who sells or who buys. country: ISO 3166-1, two letters; address: the lines above postcode and city."""

    name: str
    address: tuple[str, ...]
    postcode: str
    city: str
    country: str
    vat_id: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line. unit_price and net are without tax; rate in per cent; category as in `RateSum`."""

    description: str
    quantity: int
    unit_price: Decimal
    net: Decimal
    category: str
    rate: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class RateSum:
    """What falls under one tax rate.

    category: UNTDID 5305, of which S (taxed), Z (0 %) and AE (reverse charge) are used; reason: why no tax is taken,
    as the buyer is told it, empty under S and Z.
    """

    category: str
    rate: Decimal
    net: Decimal
    tax: Decimal
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """The invoice that a credit note reverses, whole or in part."""

    number: str
    issued_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """An invoice or a credit note, whose amounts are positive too: what it is says which way the money goes.

    kind: `invoice` or `credit note`. currency: ISO 4217; every amount has its number of decimals. lines: at least one.
    net, tax, gross: the sums over rates. delivered_on: the day of the supply.
    """

    kind: str
    number: str
    order: str
    issued_on: date
    due_on: date
    delivered_on: date
    currency: str
    seller: Party
    buyer: Party
    lines: tuple[Line, ...]
    rates: tuple[RateSum, ...]
    net: Decimal
    tax: Decimal
    gross: Decimal
    refers_to: Reference | None = None
    iban: str = ""
