from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from project.catalog.models import Product
from project.orders import einvoice, invoices
from project.orders.frozen import from_json
from project.orders.models import BillingAddress, Invoice, Order, OrderLine
from project.orders.placing import Item, pay, place
from project.orders.refunding import refund
from project.orders.taxes import is_vat_id
from tests.support import with_address


def content_of(customer, *items):
    return from_json(invoices.issue(place(customer, [Item(*item) for item in items])).content)


def product(name, price, rate="19.0", currency="EUR"):
    return Product.objects.create(
        name=name, slug=name.lower(), price=Decimal(price), tax_rate=Decimal(rate), currency=currency, stock=99
    )


def test_seller_buyer_lines_and_sums_are_copied_in(ada, lamp):
    content = content_of(ada, (lamp, 2))
    assert (content.seller.name, content.seller.country, content.iban[:2]) == ("The Shop Ltd", "DE", "DE")
    assert (content.buyer.name, content.buyer.address, content.buyer.email) == (
        "Ada Lovelace",
        ("1 Some Street",),
        "ada@example.com",
    )
    assert [(line.description, line.quantity, str(line.net)) for line in content.lines] == [("Lamp", 2, "20.00")]
    assert (str(content.net), str(content.tax), str(content.gross)) == ("20.00", "3.80", "23.80")


def test_later_changes_touch_no_invoice(ada, lamp, settings):
    before = content_of(ada, (lamp, 2))
    Product.objects.update(name="Chair", price=1, tax_rate=7)
    BillingAddress.objects.update(name="Somebody else", country="FR")
    settings.SELLER = settings.SELLER | {"name": "Another shop"}
    assert from_json(Invoice.objects.get().content) == before


def test_several_rates_and_none_stand_on_one_invoice(ada, lamp):
    content = content_of(ada, (lamp, 1), (product("Book", "5.00", "7.0"), 1), (product("Stamp", "1.00", "0"), 3))
    assert [(rate.category, rate.rate, str(rate.net), str(rate.tax)) for rate in content.rates] == [
        ("S", 7, "5.00", "0.35"),
        ("S", 19, "10.00", "1.90"),
        ("Z", 0, "3.00", "0.00"),
    ]
    assert {rate.reason for rate in content.rates} == {""}


@pytest.mark.parametrize(
    ("currency", "price", "sums"),
    [
        ("JPY", "105", ("210", "40", "250")),
        ("EUR", "1.05", ("2.10", "0.40", "2.50")),
        ("BHD", "1.055", ("2.110", "0.401", "2.511")),
    ],
)
def test_amounts_have_the_currency_s_decimals(ada, currency, price, sums):
    content = content_of(ada, (product("Cup", price, currency=currency), 2))
    assert (str(content.net), str(content.tax), str(content.gross)) == sums
    assert str(content.lines[0].unit_price) == price
    assert Invoice.objects.get().gross == Decimal(sums[2])


@pytest.mark.parametrize(
    ("country", "vat_id", "category"),
    [("FR", "FR12345678901", "AE"), ("FR", "", "S"), ("DE", "DE123456789", "S"), ("CH", "CHE123456789", "S")],
)
def test_a_business_in_another_country_of_the_union_owes_the_tax_itself(bob, lamp, country, vat_id, category):
    with_address(bob, country=country, vat_id=vat_id, company="Maison")
    content = content_of(bob, (lamp, 2))
    [rate] = content.rates
    assert rate.category == content.lines[0].category == category
    assert (content.buyer.name, content.buyer.address[0]) == ("Maison", "A Customer")
    if category == "AE":
        assert (content.tax, content.gross, rate.rate) == (0, content.net, 0)
        assert "Reverse charge" in rate.reason


@pytest.mark.parametrize(
    ("text", "country", "is_one"),
    [("EL123456789", "GR", True), ("GR123456789", "GR", False), ("FR1", "FR", False), ("DE123456789", "FR", False)],
)
def test_a_vat_id_has_its_country_s_prefix(text, country, is_one):
    assert is_vat_id(text, country) is is_one


def test_it_is_due_after_the_days_of_the_setting(ada, lamp, settings):
    settings.INVOICE_DUE_DAYS = 14
    content = content_of(ada, (lamp, 1))
    assert content.due_on == content.issued_on + timedelta(days=14) == Invoice.objects.get().due_date


def test_the_invoice_of_a_deleted_user_stays(ada, lamp):
    order = place(ada, [Item(lamp, 2)])
    first = content_of(ada, (lamp, 1))
    ada.delete()
    order.refresh_from_db()
    assert (order.customer, order.email) == (None, "ada@example.com")
    assert from_json(invoices.issue(order).content).buyer == first.buyer
    assert Invoice.objects.count() == 2


def test_a_credit_note_reverses_what_the_invoice_says_whatever_the_order_s_lines_say_by_now(ada, lamp, settings):
    order = place(ada, [Item(lamp, 2), Item(product("Book", "5.00", "7.0"), 3)])
    pay(order)
    invoice = invoices.issue(order)
    OrderLine.objects.update(unit_price=99, tax_rate=50, description="Chair")
    settings.SELLER = settings.SELLER | {"name": "Another shop"}

    first = refund(order, {line.pk: 1 for line in order.lines.all()})
    notes = [from_json(invoices.issue_credit_note(each).content) for each in (first, refund(order))]

    original = from_json(invoice.content)
    assert [note.seller for note in notes] == [original.seller] * 2
    assert [[(line.description, line.quantity, str(line.net)) for line in note.lines] for note in notes] == [
        [("Lamp", 1, "10.00"), ("Book", 1, "5.00")],
        [("Lamp", 1, "10.00"), ("Book", 2, "10.00")],
    ]
    assert [sum(getattr(note, name) for note in notes) for name in ("net", "tax", "gross")] == [
        original.net,
        original.tax,
        original.gross,
    ]


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "UTC", "Pacific/Pago_Pago"])
def test_it_is_issued_on_the_seller_s_day(ada, lamp, settings, zone):
    settings.SELLER_TIME_ZONE = zone
    content = content_of(ada, (lamp, 1))
    assert content.issued_on == datetime.now(ZoneInfo(zone)).date()
    assert content.due_on == content.issued_on + timedelta(days=30)


def test_half_past_midnight_on_new_year_s_day_is_in_the_seller_s_new_year(ada, lamp, settings, monkeypatch):
    midnight = datetime(2025, 12, 31, 23, 30, tzinfo=UTC)
    monkeypatch.setattr(timezone, "now", lambda: midnight)
    for zone, day in {"Europe/Berlin": date(2026, 1, 1), "UTC": date(2025, 12, 31)}.items():
        settings.SELLER_TIME_ZONE = zone
        order = place(ada, [Item(lamp, 1)])
        order.placed_at = midnight
        invoice = invoices.issue(order)
        content = from_json(invoice.content)
        assert content.issued_on == content.delivered_on == day
        assert str(invoice) == f"INV-{day.year}-00001"


def test_the_day_of_delivery_is_that_of_the_order(ada, lamp):
    order = place(ada, [Item(lamp, 2)])
    Order.objects.update(placed_at=datetime(2026, 3, 1, 12, tzinfo=UTC))
    pay(order)
    invoice = invoices.issue(Order.objects.get())
    note = invoices.issue_credit_note(refund(order))
    for content in (from_json(invoice.content), from_json(note.content)):
        assert content.delivered_on == date(2026, 3, 1)
        assert b'ActualDeliverySupplyChainEvent><ram:OccurrenceDateTime><udt:DateTimeString format="102">20260301<' in (
            einvoice.xml_of(content)
        )
