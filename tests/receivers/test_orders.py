import pytest

from project.orders import invoices
from project.orders.models import Invoice
from project.orders.placing import Item, cancel, pay, place, refund


@pytest.fixture
def order(ada, lamp, nothing_waits):
    nothing_waits()
    return place(ada, [Item(lamp, 2)])


def test_a_placed_order_is_confirmed_invoiced_and_counted(order, lamp, jobs):
    assert jobs() == [
        ("email.confirm_order", {"order_id": order.pk}),
        ("invoices.issue_invoice", {"order_id": order.pk}),
        ("statistics.recount_product", {"product_id": lamp.pk}),
    ]


def test_a_paid_order_is_counted(order, lamp, jobs, nothing_waits):
    nothing_waits()
    pay(order)
    assert jobs() == [("statistics.recount_product", {"product_id": lamp.pk})]


@pytest.mark.parametrize("refunded", [False, True])
def test_a_reversed_order_gets_a_credit_note_a_mail_and_a_recount(order, lamp, jobs, nothing_waits, refunded):
    if refunded:
        pay(order)
    nothing_waits()
    (refund if refunded else cancel)(order)
    assert jobs() == [
        ("invoices.issue_credit_note", {"order_id": order.pk}),
        ("email.announce_reversal", {"order_id": order.pk}),
        ("statistics.recount_product", {"product_id": lamp.pk}),
    ]


def test_an_issued_invoice_is_rendered_and_then_sent(order, jobs, nothing_waits):
    nothing_waits()
    invoice = invoices.issue(order)
    assert jobs() == [("invoices.render_invoice", {"invoice_id": invoice.pk})]
    nothing_waits()
    invoices.render(invoice)
    assert jobs() == [("email.send_invoice", {"invoice_id": invoice.pk})]


def test_a_loaded_fixture_causes_nothing(order, jobs, nothing_waits):
    invoice = invoices.issue(order)
    Invoice.objects.all().delete()
    nothing_waits()
    invoice.save_base(raw=True)
    assert jobs() == []
