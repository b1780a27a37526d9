from datetime import timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.db import IntegrityError

from project.catalog.models import Product
from project.notifications.models import Delivery
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


def a_week_passes(**less):
    ago = timedelta(days=7, seconds=1) - timedelta(**less)
    for reminder in Reminder.objects.all():
        Reminder.objects.filter(pk=reminder.pk).update(at=reminder.at - ago)
    for delivery in Delivery.objects.filter(claimed_at__isnull=False):
        Delivery.objects.filter(pk=delivery.pk).update(claimed_at=delivery.claimed_at - ago)


def write():
    """Write the mails of all reminders, as a queue does that was paused."""
    for reminder in Reminder.objects.all():
        email.remind_of_invoice(reminder_id=reminder.pk)


def test_what_is_overdue_is_reminded_of_once_a_week(order):
    assert [remind_overdue(), remind_overdue()] == [1, 0]
    a_week_passes()
    assert [remind_overdue(), remind_overdue()] == [1, 0]
    assert [str(each) for each in Reminder.objects.all()] == [
        f"reminder {number} of {order.invoices.get()}" for number in (1, 2)
    ]


def test_a_week_is_a_week(order):
    remind()
    a_week_passes(hours=1)
    assert remind() == 0


def test_of_two_mails_that_waited_together_the_later_one_goes_out(order):
    remind()
    a_week_passes()
    remind()
    write()
    write()
    assert [delivery.key for delivery in Delivery.objects.all()] == [f"reminder:{Reminder.objects.last().pk}"]
    assert len(mail.outbox) == 1


def test_a_week_counts_from_when_the_mail_went_out(order):
    remind()
    a_week_passes()
    write()
    assert remind() == 0
    a_week_passes()
    assert remind() == 1
    write()
    assert len(mail.outbox) == 2


def test_a_reminder_noted_while_the_one_before_goes_out_is_not_written(order):
    remind()
    write()
    Reminder.objects.create(invoice=order.invoices.get(), number=2)
    write()
    assert len(mail.outbox) == 1


def test_what_is_due_today_is_not_overdue(ada, lamp, settings):
    settings.INVOICE_DUE_DAYS = 0
    invoices.issue(place(ada, [Item(lamp, 1)]))
    assert remind() == 0


def test_it_is_overdue_when_the_seller_s_day_is_over(ada, lamp, settings):
    settings.INVOICE_DUE_DAYS, settings.SELLER_TIME_ZONE = 0, "Pacific/Pago_Pago"
    invoices.issue(place(ada, [Item(lamp, 1)]))
    assert remind() == 0
    settings.SELLER_TIME_ZONE = "Pacific/Kiritimati"  # 25 hours later
    assert remind() == 1


def test_what_is_paid_or_reversed_is_not_reminded_of(order, ada, lamp):
    second = place(ada, [Item(lamp, 1)])
    invoices.issue(second)
    invoices.issue_credit_note(cancel(order))
    pay(second)
    assert remind() == 0


def test_what_is_reversed_in_part_is_still_owed(order):
    refund(order, {order.lines.get().pk: 1})
    assert remind() == 1


def test_what_is_credited_is_not_asked_for(ada, lamp, settings):
    settings.INVOICE_DUE_DAYS = -1
    order = place(ada, [Item(lamp, 4)])
    invoices.issue_credit_note(refund(order, {order.lines.get().pk: 3}))
    remind()
    write()
    [message] = mail.outbox
    html, _ = message.alternatives[0]
    assert "Total with tax: €47.60\nStill to be paid: €11.90" in message.body
    assert html.count("€47.60") == 1
    assert html.count("€11.90") == 2


def test_nobody_is_reminded_of_nothing(ada, settings):
    settings.INVOICE_DUE_DAYS = -1
    gift = Product.objects.create(name="Gift", slug="gift", price=Decimal(0), stock=1)
    invoice = invoices.issue(place(ada, [Item(gift, 1)]))
    assert remind() == 0
    email.remind_of_invoice(reminder_id=Reminder.objects.create(invoice=invoice, number=1).pk)
    assert mail.outbox == []


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
