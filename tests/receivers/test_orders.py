from datetime import timedelta

import pytest
from django.db.models.signals import post_save

from project.catalog.models import Product
from project.orders import invoices
from project.orders.models import Reminder
from project.orders.placing import Item, pay, place
from project.orders.refunding import cancel, refund


@pytest.fixture
def order(ada, lamp, nothing_waits):
    nothing_waits()
    return place(ada, [Item(lamp, 2)])


def day(order):
    return str(order.placed_at.date())


def test_a_placed_order_is_confirmed_invoiced_and_counted(order, lamp, jobs):
    assert jobs() == [
        ("email.confirm_order", {"order_id": order.pk}),
        ("invoices.issue_invoice", {"order_id": order.pk}),
        ("statistics.recount_sales", {"product_ids": [lamp.pk], "days": [day(order)]}),
    ]


def test_a_paid_order_is_counted(order, lamp, jobs, nothing_waits):
    nothing_waits()
    pay(order)
    assert jobs() == [("statistics.recount_sales", {"product_ids": [lamp.pk], "days": [day(order)]})]


@pytest.mark.parametrize("refunded", [False, True])
def test_a_reversed_order_gets_a_credit_note_a_mail_and_a_recount(order, lamp, jobs, nothing_waits, refunded):
    if refunded:
        pay(order)
    nothing_waits()
    made = (refund if refunded else cancel)(order)
    assert jobs() == [
        ("invoices.issue_credit_note", {"refund_id": made.pk}),
        ("email.announce_reversal", {"refund_id": made.pk}),
        ("statistics.recount_sales", {"product_ids": [lamp.pk], "days": [day(order)]}),
    ]


def test_an_order_of_another_day_is_counted_on_both(order, jobs, nothing_waits):
    before = day(order)
    nothing_waits()
    order.placed_at -= timedelta(days=40)
    order.save()
    days = sorted([before, day(order)])
    assert jobs() == [("statistics.recount_sales", {"order_ids": [order.pk], "days": days})]


def test_a_changed_line_is_counted_for_both_products(order, lamp, jobs, nothing_waits):
    desk = Product.objects.create(name="Desk", slug="desk", price=1)
    nothing_waits()
    line = order.lines.get()
    line.product = desk
    line.save()
    products = {"product_ids": [lamp.pk, desk.pk], "order_ids": [order.pk]}
    assert jobs() == [("statistics.recount_sales", products)]


def test_what_is_saved_as_it_was_is_not_counted(order, jobs, nothing_waits):
    nothing_waits()
    order.save()
    order.lines.get().save()
    assert jobs() == []


def test_a_deleted_order_is_counted_on_its_day_and_for_its_products(order, lamp, jobs, nothing_waits):
    nothing_waits()
    pk = order.pk
    order.delete()
    assert [task for task, _ in jobs()] == ["statistics.recount_sales"] * 2
    assert {name: values for _, kwargs in jobs() for name, values in kwargs.items()} == {
        "product_ids": [lamp.pk],
        "order_ids": [pk],
        "days": [day(order)],
    }


def test_an_issued_invoice_is_rendered_and_then_sent(order, jobs, nothing_waits):
    nothing_waits()
    invoice = invoices.issue(order)
    assert jobs() == [("invoices.render_invoice", {"invoice_id": invoice.pk})]
    nothing_waits()
    invoices.render(invoice)
    assert jobs() == [("email.send_invoice", {"invoice_id": invoice.pk})]


def test_a_loaded_fixture_causes_nothing(order, jobs, nothing_waits):
    invoice = invoices.issue(order)
    nothing_waits()
    reminder = Reminder(invoice=invoice, number=1)
    for row in (invoice, reminder, order, order.lines.get()):
        post_save.send(type(row), instance=row, created=row is not order, raw=True)
    assert jobs() == []


def test_an_overdue_invoice_is_reminded_of(order, jobs, nothing_waits):
    invoice = invoices.issue(order)
    nothing_waits()
    reminder = Reminder.objects.create(invoice=invoice, number=1)
    assert jobs() == [("email.remind_of_invoice", {"reminder_id": reminder.pk})]
