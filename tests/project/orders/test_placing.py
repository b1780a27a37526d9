from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from project.catalog.models import Product
from project.jobs.models import Job
from project.orders.models import Order
from project.orders.placing import CannotDo, Item, cancel, pay, place, refund


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
