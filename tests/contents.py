"""What invoices say, made up: for tests and measurements."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from project.orders.content import Content, Line, Party, RateSum, Reference

REVERSE_CHARGE = "Reverse charge: the customer owes the tax."
SELLER = Party(
    name="Lampenhaus Müller GmbH",
    address=("Torstraße 12",),
    postcode="10119",
    city="Berlin",
    country="DE",
    vat_id="DE123456789",
    email="rechnung@lampenhaus.example",
)
BUYER = Party(
    name="Ada Lovelace",
    address=("12 St James’s Square",),
    postcode="SW1Y 4JH",
    city="London",
    country="GB",
    vat_id="GB123456789",
    email="ada@example.com",
)
GOODS = ("Desk lamp Linea", "Replacement bulb E27", "The Atlas of Light", "Pendant Moon, opal glass, 40 cm", "Cord 3 m")


def content(*lines, decimals=2, **others):
    """Return what an invoice of these lines says. lines: (description, quantity, unit price, tax rate or category)."""
    lines = [line_of(*line, decimals) for line in lines or [("Lamp", 1, "10.00", "19")]]
    rates = tuple(sum_of(group, lines, decimals) for group in sorted({(line.category, line.rate) for line in lines}))
    net, tax = sum(rate.net for rate in rates), sum(rate.tax for rate in rates)
    said = {
        "kind": "invoice",
        "number": "INV-2026-00042",
        "order": "7K3QX9PM2A",
        "issued_on": date(2026, 11, 25),
        "due_on": date(2026, 12, 26),
        "delivered_on": date(2026, 11, 23),
        "currency": "EUR",
        "seller": SELLER,
        "buyer": BUYER,
        "iban": "DE02 1203 0000 0000 2020 51",
    }
    return Content(
        **said | {"lines": tuple(lines), "rates": rates, "net": net, "tax": tax, "gross": net + tax} | others
    )


def credit_note(*lines, **others):
    of = Reference(number="INV-2026-00007", issued_on=date(2026, 11, 2))
    return content(*lines, **{"kind": "credit note", "number": "CN-2026-00003", "refers_to": of} | others)


def line_of(description, quantity, price, rate, decimals):
    price = Decimal(price).quantize(Decimal(1).scaleb(-decimals))
    category = "AE" if rate == "AE" else "S" if Decimal(rate) else "Z"
    return Line(
        description=description,
        quantity=quantity,
        unit_price=price,
        net=quantity * price,
        category=category,
        rate=Decimal(0 if rate == "AE" else rate),
    )


def sum_of(group, lines, decimals):
    category, rate = group
    net = sum(line.net for line in lines if (line.category, line.rate) == group)
    tax = (net * rate / 100).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return RateSum(category=category, rate=rate, net=net, tax=tax, reason=REVERSE_CHARGE if category == "AE" else "")


def goods(count, *, seed=0):
    """Return so many lines, other ones for each seed."""
    return [
        (f"{GOODS[n % 5]} {seed}-{n}", 1 + n % 7, f"{9 + (37 * n + seed) % 400}.{n % 100:02}", ("19", "7")[n % 3 == 1])
        for n in range(count)
    ]
