import pytest

from project.orders.models import Invoice
from project.orders.placing import Item, place
from project.orders.refunding import cancel
from tasks import invoices


@pytest.fixture
def order(ada, lamp):
    return place(ada, [Item(lamp, 2)])


def test_an_order_gets_one_invoice(order):
    number = invoices.issue_invoice(order_id=order.pk)
    assert invoices.issue_invoice(order_id=order.pk) == number
    assert number.startswith("INV-")
    assert number.endswith("-00001")
    assert Invoice.objects.count() == 1


def test_a_refund_gets_one_credit_note(order):
    refund = cancel(order)
    number = invoices.issue_credit_note(refund_id=refund.pk)
    assert invoices.issue_credit_note(refund_id=refund.pk) == number
    assert Invoice.objects.count() == 2


def test_an_invoice_is_rendered_once(order):
    invoices.issue_invoice(order_id=order.pk)
    invoice = Invoice.objects.get()
    invoices.render_invoice(invoice_id=invoice.pk)
    invoice.refresh_from_db()
    first = invoice.pdf.name
    invoices.render_invoice(invoice_id=invoice.pk)
    invoice.refresh_from_db()
    assert invoice.pdf.name == first
