import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connections, transaction

from project.orders import invoices
from project.orders.models import Invoice, InvoiceSeries
from project.orders.placing import Item, place
from project.orders.refunding import cancel


@pytest.fixture
def order(ada, lamp):
    return place(ada, [Item(lamp, 2)])


def test_numbers_follow_one_another(ada, lamp):
    issued = [invoices.issue(place(ada, [Item(lamp, 1)])) for _ in range(3)]
    assert [invoice.number for invoice in issued] == [1, 2, 3]
    year = issued[0].issued_at.year
    assert str(issued[2]) == f"INV-{year}-00003"
    assert str(InvoiceSeries.objects.get()) == f"INV-{year}-"


def test_an_invoice_says_what_the_order_comes_to(order):
    invoice = invoices.issue(order)
    assert (invoice.net, invoice.tax, invoice.gross) == (Decimal("20.00"), Decimal("3.80"), Decimal("23.80"))
    assert invoice.due_date == invoice.issued_at.date() + timedelta(days=30)


def test_an_invoice_that_is_rolled_back_leaves_no_gap(ada, lamp):
    first = place(ada, [Item(lamp, 1)])
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        invoices.issue(first)
        raise ZeroDivisionError
    assert invoices.issue(place(ada, [Item(lamp, 1)])).number == 1


def test_a_credit_note_reverses_the_invoice_in_a_series_of_its_own(order):
    invoice = invoices.issue(order)
    note = invoices.issue_credit_note(cancel(order))
    assert (note.refers_to, note.gross, note.number) == (invoice, -invoice.gross, 1)
    assert str(note).startswith("CN-")


def test_an_order_cancelled_before_its_invoice_gets_both(order):
    note = invoices.issue_credit_note(cancel(order))
    assert note.refers_to.order == order
    assert invoices.issue(order) == note.refers_to


def test_the_database_refuses_a_second_invoice_for_an_order(order):
    invoice = invoices.issue(order)
    invoice.pk, invoice.number, invoice._state.adding = None, 99, True
    with pytest.raises(IntegrityError), transaction.atomic():
        invoice.save(force_insert=True)


def test_the_file_is_named_by_its_content(order, settings):
    invoice = invoices.issue(order)
    invoices.render(invoice)
    assert len(invoice.pdf.name) == len("invoices/.pdf") + 64
    assert [path.read_bytes()[:5] for path in (settings.MEDIA_ROOT / "invoices").iterdir()] == [b"%PDF-"]


def test_the_file_s_name_cannot_be_told_from_its_content_without_the_site_s_secret(order, settings):
    invoice = invoices.issue(order)
    invoices.render(invoice)
    with invoice.pdf.open("rb") as file:
        made = file.read()
    assert invoice.pdf.name == invoices.name_of(made)
    assert hashlib.sha256(made).hexdigest() not in invoice.pdf.name
    settings.SECRET_KEY = "another"
    assert invoice.pdf.name != invoices.name_of(made)


@pytest.mark.django_db(transaction=True)
def test_many_at_once_leave_no_gap_and_no_double(ada, lamp):
    lamp.stock = 40
    lamp.save()
    orders = [place(ada, [Item(lamp, 1)]) for _ in range(20)]

    def issue(order):
        try:
            return invoices.issue(order).number
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(issue, orders + orders))
    assert sorted(set(numbers)) == list(range(1, 21))
    assert Invoice.objects.count() == 20
