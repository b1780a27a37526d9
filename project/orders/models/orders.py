"""Orders."""

from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone

from project.jobs.senders import Sender


class Order(Sender):
    """What a customer ordered. total is gross: net and tax, in the order's currency.

    customer: none where the user was deleted; the order and its invoices stay.
    buyer: the billing address as it was when the order was placed, a `Party` as JSON.
    """

    class Status(models.TextChoices):
        """How far it has come. One that was reversed in part is still placed or paid: see `Refund`."""

        PLACED = "placed"
        PAID = "paid"
        CANCELLED = "cancelled"
        REFUNDED = "refunded"

    number = models.CharField(max_length=20, unique=True)
    customer = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="orders")
    buyer = models.JSONField(default=dict)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PLACED)
    currency = models.CharField(max_length=3)
    total = models.DecimalField(max_digits=15, decimal_places=3)
    placed_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[models.Manager["Order"]]

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [models.Index(name="order_placed_at", fields=["placed_at"])]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        """Return the address of the order's page."""
        return reverse("orders:detail", args=[self.number])

    @property
    def email(self) -> str:
        """The customer's e-mail address; that of then where the user was deleted."""
        return self.customer.email if self.customer else str(self.buyer.get("email", ""))


class OrderLine(Sender):
    """One product of an order, as it was when it was ordered. unit_price is net, tax_rate in per cent.

    tax_category: see `RateSum` in `content`.
    """

    order = models.ForeignKey(Order, models.CASCADE, related_name="lines")
    product = models.ForeignKey("catalog.Product", models.PROTECT, related_name="order_lines")
    description = models.CharField(max_length=200)
    quantity = models.PositiveIntegerField()
    unit_price = models.DecimalField(max_digits=11, decimal_places=3)
    tax_rate = models.DecimalField(max_digits=4, decimal_places=1)
    tax_category = models.CharField(max_length=2, default="S")

    objects: ClassVar[models.Manager["OrderLine"]]

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.description}"

    @property
    def net(self) -> Decimal:
        """Quantity times price."""
        return self.quantity * self.unit_price
