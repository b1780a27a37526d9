from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from project.catalog.models import Product
from project.jobs.models import Job
from project.orders import invoices
from project.orders.frozen import from_json
from project.orders.models import BillingAddress, Order
from project.orders.placing import AddressMissing, CannotDo, Item, pay, place
from project.orders.refunding import cancel, refund


@pytest.fixture
def order(ada, lamp):
    return place(ada, [Item(lamp, 2)])


def stock(product):
    return Product.objects.get(pk=product.pk).stock


def test_an_order_copies_its_products_and_takes_them_from_the_stock(order, lamp):
    [line] = order.lines.all()
    assert (line.description, line.quantity, line.unit_price, line.net) == (
        "Lamp",
        2,
        Decimal("10.00"),
        Decimal("20.00"),
    )
    assert (order.total, order.currency, order.status) == (Decimal("23.80"), "EUR", "placed")
    assert stock(lamp) == 3
    assert str(line) == "2 × Lamp"


@pytest.mark.parametrize(
    ("quantity", "words"),
    [(0, "between 1 and 999"), (-1, "between 1 and 999"), (10**9, "between 1 and 999"), (6, "Only 5 of Lamp left")],
)
def test_what_cannot_be_ordered_changes_nothing(ada, lamp, nothing_waits, quantity, words):
    nothing_waits()
    with pytest.raises(ValidationError, match=words):
        place(ada, [Item(lamp, quantity)])
    assert (stock(lamp), Order.objects.count(), Job.objects.count()) == (5, 0, 0)


def test_a_product_that_is_sold_out_cannot_be_ordered(ada, lamp):
    place(ada, [Item(lamp, 5)])
    with pytest.raises(ValidationError, match="Lamp is sold out"):
        place(ada, [Item(lamp, 1)])


def test_of_several_products_one_too_many_takes_nothing(ada, lamp):
    other = Product.objects.create(name="Chair", slug="chair", price=Decimal(5), stock=0)
    with pytest.raises(ValidationError, match="Chair is sold out"):
        place(ada, [Item(lamp, 1), Item(other, 1)])
    assert stock(lamp) == 5


def test_a_cancelled_order_gives_its_products_back(order, lamp):
    cancel(order)
    assert (order.status, stock(lamp)) == ("cancelled", 5)


def test_a_paid_order_can_be_refunded(order, lamp):
    pay(order)
    refund(order)
    assert (Order.objects.get().status, stock(lamp)) == ("refunded", 5)


@pytest.mark.parametrize(
    ("first", "then", "words"),
    [
        (cancel, cancel, "is cancelled; only one that is placed can be cancelled"),
        (pay, cancel, "is paid; only one that is placed can be cancelled"),
        (cancel, pay, "is cancelled; only one that is placed can be paid"),
        (cancel, refund, "is cancelled; only one that is paid can be refunded"),
    ],
)
def test_what_its_status_does_not_allow_is_refused(order, first, then, words):
    first(order)
    with pytest.raises(CannotDo, match=words):
        then(order)


def test_an_order_without_billing_address_is_asked_for_it(bob, lamp):
    with pytest.raises(AddressMissing, match="give the address for the invoice"):
        place(bob, [Item(lamp, 1)])
    assert (stock(lamp), Order.objects.count()) == (5, 0)


def test_an_order_keeps_the_address_of_its_day(order, ada):
    BillingAddress.objects.filter(user=ada).update(name="Somebody else")
    assert Order.objects.get().buyer["name"] == "Ada Lovelace"


def test_an_order_is_in_one_currency(ada, lamp):
    yen = Product.objects.create(name="Fan", slug="fan", price=Decimal(500), currency="JPY", stock=5)
    with pytest.raises(ValidationError, match="in one currency, not in EUR and JPY"):
        place(ada, [Item(lamp, 1), Item(yen, 1)])


def test_a_price_that_nobody_can_pay_is_refused(ada, lamp):
    half_a_cent = Product.objects.create(name="Nail", slug="nail", price=Decimal("0.005"), stock=5)
    with pytest.raises(ValidationError, match="at most 2 decimals"):
        half_a_cent.full_clean()
    with pytest.raises(ValidationError, match="price of Nail cannot be paid in EUR"):
        place(ada, [Item(half_a_cent, 2)])


@pytest.mark.parametrize(
    ("field", "value"),
    [("currency", "eur"), ("currency", "ZZZ"), ("tax_rate", Decimal(-19)), ("tax_rate", Decimal("100.1")),
     ("price", Decimal("-0.01"))],
)  # fmt: skip
def test_what_no_invoice_can_show_is_not_sold(ada, lamp, field, value):
    setattr(lamp, field, value)
    lamp.save()
    with pytest.raises(ValidationError, match="Lamp cannot be ordered: its price, tax or currency is wrong"):
        place(ada, [Item(lamp, 1)])
    assert (stock(lamp), Order.objects.count()) == (5, 0)


@pytest.mark.parametrize(("field", "value"), [("price", Decimal(0)), ("tax_rate", Decimal(100))])
def test_what_is_free_or_highly_taxed_is_sold(ada, lamp, field, value):
    setattr(lamp, field, value)
    lamp.save()
    assert place(ada, [Item(lamp, 1)]).total == (0 if field == "price" else 20)


def test_an_order_of_nothing_is_refused(ada):
    with pytest.raises(ValidationError, match="at least one product"):
        place(ada, [])


def test_an_order_dearer_than_the_table_holds_is_refused(ada):
    yacht = Product.objects.create(name="Yacht", slug="yacht", price=Decimal("99999999.99"), stock=99_999)
    with pytest.raises(ValidationError, match="expected less than"):
        place(ada, [Item(yacht, 999)] * 11)
    place(ada, [Item(yacht, 999)] * 8)


def test_an_order_may_have_500_lines(ada, lamp):
    lamp.stock = 500
    lamp.save()
    order = place(ada, [Item(lamp, 1)] * 500)
    assert (order.lines.count(), order.total, stock(lamp)) == (500, Decimal("5950.00"), 0)
    assert len(from_json(invoices.issue(order).content).lines) == 500
    assert invoices.issue_credit_note(cancel(order)).gross == Decimal("-5950.00")
