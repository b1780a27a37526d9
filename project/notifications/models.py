"""Every mail is a row."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from project.jobs.models import Job
from project.notifications.addresses import normal


class Delivery(models.Model):
    """One mail to one person, as it is sent: rendered once, whatever changes before its last attempt.

    key: what it is about, such as `welcome:7`: asking again for the same key sends nothing again.
    kind: what sort of mail it is, such as `order` or `comment`; people choose among some of them.
    attachments: files by reference, each as the fields of `mails.Attachment`.
    job, claim: the job that sends it, or sent it last, and which claim of that job.
    attempts: how often it was claimed. With the state it is the fence: who notes an end names the attempt it made.
    answer: what the mail server said last, good or bad. error: why it is not sent; empty where it is.
    message_id: derived from the key, so that a second copy can be told everywhere.
    provider_id: under which the provider speaks of it later, where it told one.
    """

    class State(models.TextChoices):
        """How far it has come. What is `waiting` is tried again by itself, what is `failed` if its job is replayed."""

        WAITING = "waiting"
        SENDING = "sending"
        SENT = "sent"
        FAILED = "failed"
        WITHHELD = "withheld"
        BOUNCED = "bounced"

    key = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=40, blank=True, db_default="")
    recipient = models.EmailField()
    subject = models.CharField(max_length=250)
    text = models.TextField(blank=True, db_default="")
    html = models.TextField(blank=True, db_default="")
    attachments = models.JSONField(blank=True, default=list, db_default=models.Value([], models.JSONField()))
    language = models.CharField(max_length=20, blank=True, db_default="")
    message_id = models.CharField(max_length=250)
    provider_id = models.CharField(max_length=250, blank=True, db_default="")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, blank=True, related_name="deliveries")
    claim = models.IntegerField(default=0, db_default=0)
    attempts = models.IntegerField(default=0, db_default=0)
    created_at = models.DateTimeField(db_default=Now())
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(blank=True, db_default="")
    error = models.TextField(blank=True)

    objects: ClassVar[models.Manager["Delivery"]]

    class Meta:
        verbose_name_plural = "deliveries"
        indexes: ClassVar = [
            models.Index(name="delivery_provider", fields=["provider_id"], condition=~models.Q(provider_id="")),
            models.Index(name="delivery_message", fields=["message_id"]),  # as providers name it that use ours
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.state}"


class Unsubscription(models.Model):
    """A kind of mail that somebody does not want. address: as `addresses.normal` makes it."""

    address = models.EmailField()
    kind = models.CharField(max_length=20)
    since = models.DateTimeField(db_default=Now())

    objects: ClassVar[models.Manager["Unsubscription"]]

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(name="unsubscription_once", fields=["address", "kind"])]

    def __str__(self) -> str:
        return f"{self.kind} of {self.pk}"


class Suppression(models.Model):
    """An address that nobody writes to, whatever the mail is about: it is dead, or its owner called our mail spam.

    address: as `addresses.normal` makes it.
    source: the provider's event, or who in the admin put it here and why.
    """

    class Reason(models.TextChoices):
        """What happened."""

        BOUNCE = "bounce"
        COMPLAINT = "complaint"
        MANUAL = "manual"

    address = models.EmailField(unique=True)
    reason = models.CharField(max_length=10, choices=Reason.choices, default=Reason.MANUAL)
    source = models.CharField("why", max_length=200)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    since = models.DateTimeField(default=timezone.now)

    objects: ClassVar[models.Manager["Suppression"]]

    class Meta:
        ordering: ClassVar = ["-since", "-id"]

    def __str__(self) -> str:
        return f"{self.reason} since {self.since:%Y-%m-%d}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the address as it is compared, whoever wrote it."""
        self.address = normal(self.address)
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """Compare the address with the others as it will be kept."""
        self.address = normal(self.address)
