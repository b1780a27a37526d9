"""Reminders of invoices that are overdue: at most one a week each, until they are paid or reversed."""

from datetime import timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Count, Prefetch, QuerySet
from django.utils import timezone

from project.notifications.models import Delivery
from project.orders.days import today
from project.orders.models import Invoice, Order, Reminder

EVERY = timedelta(days=7)
WENT = (Delivery.State.SENDING, Delivery.State.SENT, Delivery.State.BOUNCED)  # or may have gone


@transaction.atomic
def remind() -> int:
    """Note a reminder of each invoice that is overdue and had none for a week. Returns how many they are.

    A mail that waited long counts from when it went out, not from when it was asked for.
    Of two runs at once one fails: both would write the reminder of the same number.
    """
    lately = [int(key.rpartition(":")[2]) for key in mailed_lately().values_list("key", flat=True)]
    overdue = (
        Invoice.objects.filter(kind=Invoice.Kind.INVOICE, due_date__lt=today(), order__status=Order.Status.PLACED)
        .exclude(reminders__at__gt=timezone.now() - EVERY)
        .exclude(pk__in=Reminder.objects.filter(pk__in=lately).values("invoice"))
    )
    sent = dict(overdue.annotate(sent=Count("reminders")).values_list("pk", "sent"))
    notes = Prefetch("credit_notes", Invoice.objects.defer("content"))
    invoices = overdue.select_related("order").prefetch_related(notes).defer("content")
    owed = [invoice for invoice in invoices if invoice.pk in sent and still_owed(invoice) > 0]
    return len(Reminder.objects.bulk_create(Reminder(invoice=each, number=sent[each.pk] + 1) for each in owed))


def still_owed(invoice: Invoice) -> Decimal:
    """Return what is left to be paid of an unpaid invoice: without what its credit notes reversed."""
    return sum((note.gross for note in invoice.credit_notes.all()), invoice.gross)


def is_due(reminder: Reminder) -> bool:
    """Tell whether the customer is to be written to now.

    Not where the invoice is paid or reversed by now; nor where a mail that waited, as in a paused queue, would go out
    beside a later one.
    """
    others = reminder.invoice.reminders.exclude(pk=reminder.pk)
    if others.filter(number__gt=reminder.number).exists():
        return False
    return not mailed_lately().filter(key__in=map(key_of, others)).exists() and is_owed(reminder.invoice)


def is_owed(invoice: Invoice) -> bool:
    """Tell whether the invoice is neither paid nor reversed now."""
    unpaid = Invoice.objects.filter(pk=invoice.pk, order__status=Order.Status.PLACED).exists()
    return unpaid and still_owed(invoice) > 0


def mailed_lately() -> "QuerySet[Delivery]":
    """Return the mails of reminders of the last week."""
    return Delivery.objects.filter(kind="reminder", state__in=WENT, claimed_at__gt=timezone.now() - EVERY)


def key_of(reminder: Reminder) -> str:
    """Return the key of a reminder's mail."""
    return f"reminder:{reminder.pk}"
