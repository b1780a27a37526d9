"""Orders and the invoices for them."""

from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone

from project.jobs.senders import Sender


class Order(Sender):
    """What a customer ordered. total is gross: net and tax, in the order's currency."""

    class Status(models.TextChoices):
        """How far it has come."""

        PLACED = "placed"
        PAID = "paid"
        CANCELLED = "cancelled"
        REFUNDED = "refunded"

    number = models.CharField(max_length=20, unique=True)
    customer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="orders")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PLACED)
    currency = models.CharField(max_length=3)
    total = models.DecimalField(max_digits=14, decimal_places=2)
    placed_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[models.Manager["Order"]]

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        """Return the address of the order's page."""
        return reverse("orders:detail", args=[self.number])


class OrderLine(Sender):
    """One product of an order, as it was when it was ordered. unit_price is net, tax_rate in per cent."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="lines")
    product = models.ForeignKey("catalog.Product", models.PROTECT, related_name="order_lines")
    description = models.CharField(max_length=200)
    quantity = models.PositiveIntegerField()
    unit_price = models.DecimalField(max_digits=10, decimal_places=2)
    tax_rate = models.DecimalField(max_digits=4, decimal_places=1)

    objects: ClassVar[models.Manager["OrderLine"]]

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.description}"

    @property
    def net(self) -> Decimal:
        """Quantity times price."""
        return self.quantity * self.unit_price


class InvoiceSeries(models.Model):
    """A prefix with a counter that leaves no gap: a number is taken in the transaction that writes its invoice."""

    prefix = models.CharField(max_length=20, unique=True)
    next_number = models.PositiveIntegerField(default=1)

    objects: ClassVar[models.Manager["InvoiceSeries"]]

    class Meta:
        verbose_name_plural = "invoice series"

    def __str__(self) -> str:
        return self.prefix


class Invoice(Sender):
    """An issued invoice, or the credit note that reverses one (its amounts are negative).

    buyer_name, buyer_email: as they were when it was issued; what the customer changes later changes no invoice.
    """

    class Kind(models.TextChoices):
        """What it is."""

        INVOICE = "invoice"
        CREDIT_NOTE = "credit note"

    order = models.ForeignKey(Order, models.PROTECT, related_name="invoices")
    series = models.ForeignKey(InvoiceSeries, models.PROTECT, related_name="invoices")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=11, choices=Kind.choices, default=Kind.INVOICE)
    refers_to = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="credit_notes")
    issued_at = models.DateTimeField(default=timezone.now)
    due_date = models.DateField()
    buyer_name = models.CharField(max_length=320)
    buyer_email = models.EmailField(blank=True)
    net = models.DecimalField(max_digits=14, decimal_places=2)
    tax = models.DecimalField(max_digits=14, decimal_places=2)
    gross = models.DecimalField(max_digits=14, decimal_places=2)
    pdf = models.FileField(blank=True, max_length=200)

    objects: ClassVar[models.Manager["Invoice"]]

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="invoice_number_once", fields=["series", "number"]),
            models.UniqueConstraint(name="invoice_once_an_order", fields=["order", "kind"]),
        ]
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.series.prefix}{self.number:05d}"

    def get_absolute_url(self) -> str:
        """Return the address of the PDF."""
        return reverse("orders:invoice", args=[self.order.number, str(self)])
