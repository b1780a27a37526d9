"""The audit trail's table."""

from typing import ClassVar

from django.db import models
from uuid_utils.compat import uuid7


class Action(models.TextChoices):
    """What happened to the target."""

    CREATED = "created"
    CHANGED = "changed"
    DELETED = "deleted"


class AuditEntry(models.Model):
    """One change: who did what to which object. No foreign keys, so that it neither holds nor follows what it tells of.

    actor: `accounts.user:1`, `task invoices.issue_invoice`, or `system`.
    target: `app.model:pk`.
    changes: field -> [before, after]; secrets are masked.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    at = models.DateTimeField()
    actor = models.CharField(max_length=120)
    action = models.CharField(max_length=10, choices=Action.choices)
    target = models.CharField(max_length=120)
    changes = models.JSONField(default=dict)

    objects: ClassVar[models.Manager["AuditEntry"]]

    class Meta:
        ordering: ClassVar = ["-at"]
        indexes: ClassVar = [
            models.Index(name="audit_target", fields=["target", "-at"]),
            models.Index(name="audit_at", fields=["-at"]),
        ]
        verbose_name_plural = "audit entries"

    def __str__(self) -> str:
        return f"{self.actor} {self.action} {self.target}"
