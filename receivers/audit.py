"""What follows from any change of any model: an entry of the audit trail."""

from typing import Any

from django.db import transaction
from django.db.models import Model
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from project.audit.changes import change, is_audited
from project.audit.models import Action
from project.jobs import enqueue
from tasks import housekeeping


@receiver(post_save, dispatch_uid="audit.on_saved")
def on_saved(sender: type[Model], instance: Model, created: bool, raw: bool, **_: Any) -> None:
    """Something was saved: keep who changed what."""
    if is_audited(sender) and not raw:
        record(instance, Action.CREATED if created else Action.CHANGED)


@receiver(post_delete, dispatch_uid="audit.on_deleted")
def on_deleted(sender: type[Model], instance: Model, **_: Any) -> None:
    """Something was deleted: keep who did it, and what it was."""
    if is_audited(sender):
        record(instance, Action.DELETED)


def record(instance: Model, action: Action) -> None:
    """Enqueue the entry: about nothing, for it says itself what it is about.

    Models of other packages save outside a transaction where nobody opened one: their entry then gets its own.
    """
    with transaction.atomic(savepoint=False):
        enqueue(housekeeping.record_change, **change(instance, action))
