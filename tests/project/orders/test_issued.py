"""What the domain issues, held against the rules of e-invoices: parts whose tax completes those before it, too."""

from decimal import Decimal

import pytest

from project.catalog.models import Product
from project.orders import einvoice, invoices, verifying
from project.orders.frozen import from_json
from project.orders.models import Invoice
from project.orders.placing import Item, pay, place
from project.orders.refunding import refund
from tests.facturx_rules import faults
from tests.support import with_address


@pytest.mark.parametrize(
    ("currency", "price", "country", "vat_id"),
    [
        ("EUR", "0.02", "DE", ""),
        ("EUR", "0.02", "FR", "FR12345678901"),
        ("EUR", "0.02", "GR", "EL123456789"),
        ("EUR", "0.02", "US", ""),
        ("JPY", "3", "DE", ""),
        ("BHD", "0.003", "DE", ""),
    ],
)
def test_invoices_and_credit_notes_of_single_units_are_valid(bob, currency, price, country, vat_id):
    with_address(bob, country=country, vat_id=vat_id, company="A company")
    products = [
        Product.objects.create(
            name=rate, slug=rate, price=Decimal(price), tax_rate=Decimal(rate), currency=currency, stock=9
        )
        for rate in ("19", "7", "0")
    ]
    order = place(bob, [Item(each, 3) for each in products])
    pay(order)
    issued = [invoices.issue(order)]
    parts = [refund(order, {line.pk: 1 for line in order.lines.all()}) for _ in range(3)]
    issued += map(invoices.issue_credit_note, parts)
    for each in issued:
        invoices.render(each)
    contents = [content for each in issued if einvoice.fits(content := from_json(each.content))]
    assert len(contents) == (0 if currency == "BHD" else 4)
    assert [fault for content in contents for fault in faults(einvoice.xml_of(content))] == []
    assert list(verifying.faults()) == []
    assert sum(Invoice.objects.values_list("gross", flat=True)) == 0


def test_what_no_e_invoice_can_say_is_told(client, ada):
    fils = Product.objects.create(name="Cup", slug="cup", price=Decimal("1.055"), currency="BHD", stock=9)
    order = place(ada, [Item(fils, 1)])
    invoice = invoices.issue(order)
    client.force_login(ada)

    answer = client.get(f"/orders/{order.number}/{invoice}.xml")

    assert answer.status_code == 404
    assert "amounts of three decimals" in answer.content.decode()
