"""What follows from events of `project.accounts`."""

from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver

from project.accounts.models import User
from project.jobs import enqueue
from tasks import email, housekeeping


@receiver(post_save, sender=User, dispatch_uid="accounts.on_user_created")
def on_user_created(instance: User, created: bool, raw: bool, **_: Any) -> None:
    """Somebody signed up: create their profile, welcome them."""
    if created and not raw:
        enqueue(housekeeping.create_profile, about=instance, user_id=instance.pk)
        enqueue(email.welcome, about=instance, user_id=instance.pk)
