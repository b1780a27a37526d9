from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connections

from project.catalog.models import Product
from project.orders import invoices
from project.orders.frozen import from_json
from project.orders.models import Order, Refund, RefundLine
from project.orders.placing import CannotDo, Item, pay, place
from project.orders.refunding import cancel, lines_left, refund


@pytest.fixture
def chair(db):
    return Product.objects.create(name="Chair", slug="chair", price=Decimal("0.33"), tax_rate=Decimal("7.0"), stock=99)


@pytest.fixture
def order(ada, lamp, chair):
    """Two lamps of 10.00 at 19 %, seven chairs of 0.33 at 7 %: 22.31 net, 3.96 tax."""
    made = place(ada, [Item(lamp, 2), Item(chair, 7)])
    pay(made)
    return made


@pytest.fixture
def lines(order):
    return list(order.lines.all())


def stock(product):
    return Product.objects.get(pk=product.pk).stock


def note_of(made):
    return from_json(invoices.issue_credit_note(made).content)


def test_a_part_is_put_back_and_the_rest_is_left(order, lines, lamp, chair, bob):
    made = refund(order, {lines[1].pk: 3}, reason="broken", by=bob)
    assert (made.reason, made.by) == ("broken", bob)
    assert [(unit.line, unit.quantity, unit.net) for unit in made.lines.all()] == [(lines[1], 3, Decimal("0.99"))]
    assert lines_left(order) == {lines[0]: 2, lines[1]: 4}
    assert (stock(lamp), stock(chair)) == (3, 95)
    assert Order.objects.get().status == "paid"
    assert str(made.lines.get()) == f"3 of line {lines[1].pk}"


def test_the_last_part_makes_the_order_refunded(order, lines):
    refund(order, {lines[0].pk: 1})
    refund(order, {lines[0].pk: 1, lines[1].pk: 7})
    assert (Order.objects.get().status, order.status, lines_left(order)) == ("refunded", "refunded", {})


def test_what_is_left_after_a_part_is_refunded_at_once(order, lines):
    refund(order, {lines[0].pk: 1})
    assert [(unit.line, unit.quantity) for unit in refund(order).lines.all()] == [(lines[0], 1), (lines[1], 7)]


def test_an_unpaid_order_reversed_in_part_and_whole_is_cancelled(ada, lamp):
    order = place(ada, [Item(lamp, 2)])
    refund(order, {order.lines.get().pk: 1})
    assert Order.objects.get().status == "placed"
    cancel(order)
    assert Order.objects.get().status == "cancelled"


@pytest.mark.parametrize(
    ("units", "words"),
    [
        ({0: 3}, "At most 2 of Lamp can still be reversed, not 3"),
        ({0: -1}, "At most 2 of Lamp can still be reversed, not -1"),
        ({0: 0}, "Nothing is chosen"),
        ({}, "Nothing is chosen"),
        ({10**9: 1}, "At most nothing of line"),
    ],
)
def test_more_than_is_left_or_nothing_is_refused(order, lines, lamp, units, words):
    chosen = {lines[key].pk if key < 2 else key: quantity for key, quantity in units.items()}
    with pytest.raises(ValidationError, match=words):
        refund(order, chosen)
    assert (Refund.objects.count(), stock(lamp)) == (0, 3)


def test_what_is_reversed_is_not_reversed_again(order, lines):
    refund(order, {lines[0].pk: 2})
    with pytest.raises(ValidationError, match="At most nothing of line"):
        refund(order, {lines[0].pk: 1})
    refund(order)
    with pytest.raises(CannotDo, match="is refunded; only one that is placed or paid can be refunded"):
        refund(order, {lines[0].pk: 1})


def test_another_order_s_line_is_not_reversed(order, ada, lamp):
    other = place(ada, [Item(lamp, 1)])
    with pytest.raises(ValidationError, match="At most nothing of line"):
        refund(order, {other.lines.get().pk: 1})


def test_a_credit_note_says_what_was_reversed_and_of_which_invoice(order, lines):
    invoice = invoices.issue(order)
    note = note_of(refund(order, {lines[1].pk: 2}))
    assert [(line.description, line.quantity, line.net) for line in note.lines] == [("Chair", 2, Decimal("0.66"))]
    assert (note.kind, note.gross, note.refers_to.number) == ("credit note", Decimal("0.71"), str(invoice))
    assert note.due_on == note.issued_on


@pytest.mark.parametrize("backwards", [False, True])
def test_credit_notes_come_to_the_invoice_whatever_is_issued_first(order, lines, backwards):
    """Each chair's tax is 0.0231: rounded by itself seven times, a cent would be missing."""
    invoice = invoices.issue(order)
    made = [refund(order, {lines[1].pk: 1}) for _ in range(7)] + [refund(order)]
    notes = [invoices.issue_credit_note(each) for each in (reversed(made) if backwards else made)]
    assert -sum(note.gross for note in notes) == invoice.gross
    assert -sum(note.tax for note in notes) == invoice.tax
    assert {note.refers_to for note in notes} == {invoice}
    assert all(note.tax <= 0 for note in notes)


@pytest.mark.django_db(transaction=True)
def test_refunds_at_the_same_time_never_exceed_the_order(order, lines):
    def attempt(_):
        try:
            refund(order, {lines[1].pk: 2})
        except ValidationError as error:
            return error.messages
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(attempt, range(6)))
    assert answers.count(None) == 3
    assert sum(RefundLine.objects.values_list("quantity", flat=True)) == 6
    assert lines_left(order) == {lines[0]: 2, lines[1]: 1}
