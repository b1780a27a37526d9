"""What follows from events of `project.blog`."""

from typing import Any

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from project.blog.models import Comment, Post
from project.jobs import enqueue
from tasks import email, housekeeping, statistics


@receiver(post_save, sender=Post, dispatch_uid="blog.on_post_saved")
def on_post_saved(instance: Post, raw: bool, **_: Any) -> None:
    """A post was written or changed: warm its page."""
    if not raw:
        enqueue(housekeeping.warm_post, about=instance, key=f"post:{instance.pk}", post_id=instance.pk)


@receiver(post_save, sender=Comment, dispatch_uid="blog.on_comment_created")
def on_comment_created(instance: Comment, created: bool, raw: bool, **_: Any) -> None:
    """A reader commented: tell the post's author, count anew, warm the post's page."""
    if created and not raw:
        enqueue(email.notify_post_author, about=instance, comment_id=instance.pk)
        enqueue(statistics.recount_post, about=instance, key=f"post:{instance.post_id}", post_id=instance.post_id)
        enqueue(housekeeping.warm_post, about=instance, key=f"post:{instance.post_id}", post_id=instance.post_id)


@receiver(post_delete, sender=Comment, dispatch_uid="blog.on_comment_deleted")
def on_comment_deleted(instance: Comment, **_: Any) -> None:
    """A comment is gone: count anew, warm the post's page."""
    enqueue(statistics.recount_post, about=instance, key=f"post:{instance.post_id}", post_id=instance.post_id)
    enqueue(housekeeping.warm_post, about=instance, key=f"post:{instance.post_id}", post_id=instance.post_id)
