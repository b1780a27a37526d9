"""Every mail is a row."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now


class Delivery(models.Model):
    """One mail to one person.

    key: what it is about, such as `comment:7`: asking again for the same key sends nothing again.
    message_id: derived from the key, so that a second copy can be told everywhere.
    """

    class State(models.TextChoices):
        """How far it has come."""

        WAITING = "waiting"
        SENT = "sent"
        FAILED = "failed"

    key = models.CharField(max_length=200, unique=True)
    recipient = models.EmailField()
    subject = models.CharField(max_length=250)
    message_id = models.CharField(max_length=250)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    created_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    objects: ClassVar[models.Manager["Delivery"]]

    class Meta:
        verbose_name_plural = "deliveries"

    def __str__(self) -> str:
        return f"{self.key}: {self.state}"
