from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError
from django.utils import timezone

from project.orders import invoices
from project.orders.models import Reminder
from project.orders.placing import Item, pay, place
from project.orders.refunding import cancel, refund
from project.orders.reminders import remind
from tasks import email
from tasks.invoices import remind_overdue


@pytest.fixture
def order(ada, lamp, settings):
    """An order whose invoice was due yesterday."""
    settings.INVOICE_DUE_DAYS = -1
    made = place(ada, [Item(lamp, 2)])
    invoices.issue(made)
    return made


def a_week_passes():
    Reminder.objects.update(at=timezone.now() - timedelta(days=7, seconds=1))


def test_what_is_overdue_is_reminded_of_once_a_week(order):
    assert [remind_overdue(), remind_overdue()] == [1, 0]
    a_week_passes()
    assert [remind_overdue(), remind_overdue()] == [1, 0]
    assert [str(each) for each in Reminder.objects.all()] == [
        f"reminder {number} of {order.invoices.get()}" for number in (1, 2)
    ]


def test_what_is_due_today_is_not_overdue(ada, lamp, settings):
    settings.INVOICE_DUE_DAYS = 0
    invoices.issue(place(ada, [Item(lamp, 1)]))
    assert remind() == 0


def test_what_is_paid_or_reversed_is_not_reminded_of(order, ada, lamp):
    second = place(ada, [Item(lamp, 1)])
    invoices.issue(second)
    invoices.issue_credit_note(cancel(order))
    pay(second)
    assert remind() == 0


def test_what_is_reversed_in_part_is_still_owed(order):
    refund(order, {order.lines.get().pk: 1})
    assert remind() == 1


def test_of_two_reminders_with_the_same_number_the_database_takes_one(order):
    remind()
    with pytest.raises(IntegrityError):
        Reminder.objects.create(invoice=order.invoices.get(), number=1)


def test_the_customer_is_written_to_once(order):
    remind()
    for _ in range(2):
        email.remind_of_invoice(reminder_id=Reminder.objects.get().pk)
    [message] = mail.outbox
    assert message.subject == f"Reminder: invoice {order.invoices.get()} is due"
    assert message.to == ["ada@example.com"]
    assert "€23.80" in message.body


def test_who_has_paid_meanwhile_is_not_written_to(order):
    remind()
    pay(order)
    email.remind_of_invoice(reminder_id=Reminder.objects.get().pk)
    assert mail.outbox == []
