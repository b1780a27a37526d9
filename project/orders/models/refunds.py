"""What was reversed of an order."""

from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from project.jobs.senders import Sender


class Refund(Sender):
    """The whole or a part of an order, reversed: a credit note follows. A cancelled order is one, reversed whole."""

    order = models.ForeignKey("orders.Order", models.PROTECT, related_name="refunds")
    at = models.DateTimeField(default=timezone.now)
    reason = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    objects: ClassVar[models.Manager["Refund"]]

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"refund {self.pk} of {self.order}"


class RefundLine(Sender):
    """How many units of an order's line were reversed. All refunds of a line together are at most its quantity."""

    refund = models.ForeignKey(Refund, models.PROTECT, related_name="lines")
    line = models.ForeignKey("orders.OrderLine", models.PROTECT, related_name="refund_lines")
    quantity = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="refund_line_once", fields=["refund", "line"]),
            models.CheckConstraint(name="refund_line_not_empty", condition=models.Q(quantity__gt=0)),
        ]
        ordering: ClassVar = ["line_id"]

    def __str__(self) -> str:
        return f"{self.quantity} of line {self.line_id}"

    @property
    def net(self) -> Decimal:
        """Quantity times price."""
        return self.quantity * self.line.unit_price
