from datetime import timedelta

import pytest
from django.db.models.signals import post_save

from project.catalog.models import Product
from project.orders import invoices
from project.orders.models import Order, OrderLine, RefundLine, Reminder
from project.orders.placing import Item, pay, place
from project.orders.refunding import cancel, refund


@pytest.fixture
def order(ada, lamp, nothing_waits):
    nothing_waits()
    return place(ada, [Item(lamp, 2)])


def day(order):
    return str(order.placed_at.date())


def counted(order, lamp):
    """The one job that all asks of a transaction about the order come to."""
    subjects = {"product_ids": [lamp.pk], "order_ids": [order.pk], "days": [day(order)]}
    return ("statistics.recount_sales", subjects)


def test_a_placed_order_is_confirmed_invoiced_and_counted(order, lamp, jobs):
    assert jobs() == [
        ("statistics.recount_sales", {"product_ids": [lamp.pk], "days": [day(order)]}),
        ("email.confirm_order", {"order_id": order.pk}),
        ("invoices.issue_invoice", {"order_id": order.pk}),
    ]


def test_a_paid_order_is_counted(order, lamp, jobs, nothing_waits):
    nothing_waits()
    pay(order)
    assert jobs() == [counted(order, lamp)]


@pytest.mark.parametrize("refunded", [False, True])
def test_a_reversed_order_gets_a_credit_note_a_mail_and_a_recount(order, lamp, jobs, nothing_waits, refunded):
    if refunded:
        pay(order)
    nothing_waits()
    made = (refund if refunded else cancel)(order)
    assert jobs() == [
        counted(order, lamp),
        ("invoices.issue_credit_note", {"refund_id": made.pk}),
        ("email.announce_reversal", {"refund_id": made.pk}),
    ]


def test_an_order_of_another_day_is_counted_on_both(order, jobs, nothing_waits):
    before = day(order)
    nothing_waits()
    order.placed_at -= timedelta(days=40)
    order.save()
    days = sorted([before, day(order)])
    assert jobs() == [("statistics.recount_sales", {"order_ids": [order.pk], "days": days})]


@pytest.mark.parametrize(("name", "value"), [("status", "cancelled"), ("currency", "JPY")])
def test_an_order_that_stands_no_more_or_has_another_currency_is_counted(order, jobs, nothing_waits, name, value):
    nothing_waits()
    setattr(order, name, value)
    order.save()
    assert jobs() == [("statistics.recount_sales", {"order_ids": [order.pk], "days": [day(order)]})]


def test_an_order_of_which_nobody_knows_what_it_was_is_counted(order, jobs, nothing_waits):
    nothing_waits()
    read = Order.objects.only("number").get(pk=order.pk)
    read.number = "other"
    read.save()
    assert jobs() == [], "what figures are made of was not written"
    read.placed_at = order.placed_at - timedelta(days=40)
    read.save()
    assert jobs() == [("statistics.recount_sales", {"order_ids": [order.pk], "days": [day(read)]})]


def test_a_further_line_of_an_order_is_counted(order, jobs, nothing_waits):
    desk = Product.objects.create(name="Desk", slug="desk", price=1)
    nothing_waits()
    OrderLine.objects.create(order=order, product=desk, description="Desk", quantity=1, unit_price=1, tax_rate=0)
    assert jobs() == [("statistics.recount_sales", {"product_ids": [desk.pk], "days": [day(order)]})]


def test_a_changed_or_deleted_line_of_a_refund_is_counted(order, lamp, jobs, nothing_waits):
    pay(order)
    refund(order, {order.lines.get().pk: 2})
    line = RefundLine.objects.get()
    line.quantity = 1
    for change in (line.save, line.delete):
        nothing_waits()
        change()
        assert jobs() == [("statistics.recount_sales", {"product_ids": [lamp.pk], "order_ids": [order.pk]})]


def test_a_changed_line_is_counted_for_both_products(order, lamp, jobs, nothing_waits):
    desk = Product.objects.create(name="Desk", slug="desk", price=1)
    nothing_waits()
    line = order.lines.get()
    line.product = desk
    line.save()
    products = {"product_ids": [lamp.pk, desk.pk], "order_ids": [order.pk]}
    assert jobs() == [("statistics.recount_sales", products)]


def test_what_is_saved_as_it_was_is_not_counted(order, jobs, nothing_waits):
    reversed_ = refund(order, {order.lines.get().pk: 1}).lines.get()
    nothing_waits()
    order.save()
    order.lines.get().save()
    reversed_.save()
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
    units = refund(order, {order.lines.get().pk: 1}).lines.get()
    nothing_waits()
    reminder = Reminder(invoice=invoice, number=1)
    for row in (invoice, reminder, order, order.lines.get(), units):
        post_save.send(type(row), instance=row, created=row is not order, raw=True)
    assert jobs() == []


def test_an_overdue_invoice_is_reminded_of(order, jobs, nothing_waits):
    invoice = invoices.issue(order)
    nothing_waits()
    reminder = Reminder.objects.create(invoice=invoice, number=1)
    assert jobs() == [("email.remind_of_invoice", {"reminder_id": reminder.pk})]
