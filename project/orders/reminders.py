"""Reminders of invoices that are overdue: at most one a week each, until they are paid or reversed."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from project.orders.models import Invoice, Order, Reminder

EVERY = timedelta(days=7)


@transaction.atomic
def remind() -> int:
    """Note a reminder of each invoice that is overdue and had none for a week. Returns how many they are.

    Of two runs at once one fails: both would write the reminder of the same number.
    """
    overdue = Invoice.objects.filter(
        kind=Invoice.Kind.INVOICE, due_date__lt=timezone.localdate(), order__status=Order.Status.PLACED
    ).exclude(reminders__at__gt=timezone.now() - EVERY)
    sent = dict(overdue.annotate(sent=Count("reminders")).values_list("pk", "sent"))
    invoices = overdue.select_related("order").defer("content")
    made = [Reminder(invoice=invoice, number=sent[invoice.pk] + 1) for invoice in invoices if invoice.pk in sent]
    return len(Reminder.objects.bulk_create(made))


def is_owed(invoice: Invoice) -> bool:
    """Tell whether the invoice is neither paid nor reversed now."""
    return Invoice.objects.filter(pk=invoice.pk, order__status=Order.Status.PLACED).exists()
