"""Invoices, credit notes and reminders."""

from typing import Any, ClassVar, NoReturn

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from project.jobs.senders import Sender, SenderQuerySet


class InvoiceSeries(models.Model):
    """A prefix with a counter that leaves no gap: a number is taken in the transaction that writes its invoice."""

    prefix = models.CharField(max_length=20, unique=True)
    next_number = models.PositiveIntegerField(default=1)

    objects: ClassVar[models.Manager["InvoiceSeries"]]

    class Meta:
        verbose_name_plural = "invoice series"

    def __str__(self) -> str:
        return self.prefix


class Frozen(ValidationError):
    """An issued invoice was to be changed or deleted. What is wrong with it is put right by a credit note."""


class InvoiceQuerySet(SenderQuerySet["Invoice"]):
    """Invoices can be added and read. The database refuses the rest too: see `guards`."""

    def update(self, **_values: Any) -> NoReturn:
        """Refuse."""
        raise Frozen("Issued invoices are not changed; expected a refund, whose credit note reverses them.")

    def bulk_update(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Refuse."""
        self.update()

    def update_and_announce(self, **_values: Any) -> NoReturn:
        """Refuse."""
        self.update()

    def delete(self) -> NoReturn:
        """Refuse."""
        raise Frozen("Issued invoices are not deleted; expected a refund, whose credit note reverses them.")


class Invoice(Sender):
    """An issued invoice, or the credit note that reverses a part of one or all of it (its amounts are negative).

    content: all that it says, as `frozen` writes it; the columns repeat what is searched and added up.
    sha256: over previous_sha256, which is that of its predecessor in the series (empty for the first), and content.
    refund: what a credit note is for.
    """

    class Kind(models.TextChoices):
        """What it is."""

        INVOICE = "invoice"
        CREDIT_NOTE = "credit note"

    order = models.ForeignKey("orders.Order", models.PROTECT, related_name="invoices")
    series = models.ForeignKey(InvoiceSeries, models.PROTECT, related_name="invoices")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=11, choices=Kind.choices, default=Kind.INVOICE)
    refers_to = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="credit_notes")
    refund = models.ForeignKey("orders.Refund", models.PROTECT, null=True, blank=True, related_name="credit_notes")
    issued_at = models.DateTimeField(default=timezone.now)
    due_date = models.DateField()
    net = models.DecimalField(max_digits=15, decimal_places=3)
    tax = models.DecimalField(max_digits=15, decimal_places=3)
    gross = models.DecimalField(max_digits=15, decimal_places=3)
    content = models.TextField()
    previous_sha256 = models.CharField(max_length=64, blank=True)
    sha256 = models.CharField(max_length=64)
    pdf = models.FileField(blank=True, max_length=200)

    objects: ClassVar[models.Manager["Invoice"]] = InvoiceQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="invoice_number_once", fields=["series", "number"]),
            models.UniqueConstraint(name="invoice_once_an_order", fields=["order"], condition=Q(kind="invoice")),
            models.UniqueConstraint(name="credit_note_once_a_refund", fields=["refund"]),
            models.CheckConstraint(
                name="credit_note_refers",
                condition=Q(kind="invoice", refers_to=None, refund=None)
                | Q(kind="credit note", refers_to__isnull=False, refund__isnull=False),
            ),
        ]
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.series.prefix}{self.number:05d}"

    def get_absolute_url(self) -> str:
        """Return the address of the PDF."""
        return reverse("orders:invoice", args=[self.order.number, str(self)])

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save a new one, or the name of the file that one without gets. Raises Frozen."""
        if not self._state.adding and (set(kwargs.get("update_fields") or ()) != {"pdf"} or self.loaded.get("pdf")):
            raise Frozen(f"Invoice {self} is issued and not changed; expected a refund, whose credit note reverses it.")
        super().save(*args, **kwargs)

    def delete(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Refuse."""
        raise Frozen(f"Invoice {self} is issued and not deleted; expected a refund, whose credit note reverses it.")


class Reminder(Sender):
    """One reminder of an invoice that is overdue; number counts those of the invoice."""

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="reminders")
    number = models.PositiveSmallIntegerField()
    at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[models.Manager["Reminder"]]

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(name="reminder_once", fields=["invoice", "number"])]
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"reminder {self.number} of {self.invoice}"
