"""What follows from events of `project.blog`."""

from typing import Any

from django.conf import settings
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from project.blog.models import Comment, Post
from project.counting import touched
from project.jobs import enqueue
from tasks import email, housekeeping, statistics
from tasks.statistics import BLOG


@receiver(post_save, sender=Post, dispatch_uid="blog.on_post_saved")
def on_post_saved(instance: Post, raw: bool, **_: Any) -> None:
    """A post was written or changed: warm its page, count anew what was written."""
    if not raw:
        enqueue(housekeeping.warm_post, about=instance, key=f"post:{instance.pk}", post_id=instance.pk)
        enqueue(statistics.recount_blog, about=instance, **BLOG, days=touched(instance, "published_at"))


@receiver(post_delete, sender=Post, dispatch_uid="blog.on_post_deleted")
def on_post_deleted(instance: Post, **_: Any) -> None:
    """A post is gone: count anew what was written. Its comments go too, each with its day."""
    enqueue(statistics.recount_blog, about=instance, **BLOG, days=touched(instance, "published_at"))


@receiver(post_save, sender=Comment, dispatch_uid="blog.on_comment_created")
def on_comment_created(instance: Comment, created: bool, raw: bool, **_: Any) -> None:
    """A reader commented: tell the post's author, warm the post's page."""
    if created and not raw:
        post = f"post:{instance.post_id}"
        wait = 0 if settings.COMMENT_MAIL_FIRST_AT_ONCE else settings.COMMENT_MAIL_SETTLE
        enqueue(email.notify_post_author, about=instance, key=post, settle=wait, post_id=instance.post_id)
        enqueue(housekeeping.warm_post, about=instance, key=post, post_id=instance.post_id)


@receiver(post_save, sender=Comment, dispatch_uid="blog.on_comment_saved")
def on_comment_saved(instance: Comment, created: bool, raw: bool, **_: Any) -> None:
    """A comment was written, or is of another post or day now: count anew, also as it was."""
    if not raw and (created or instance.changed().keys() & {"post_id", "created_at"}):
        posts, days = instance.before_and_now("post_id"), touched(instance, "created_at")
        enqueue(statistics.recount_blog, about=instance, **BLOG, post_ids=posts, days=days)


@receiver(post_delete, sender=Comment, dispatch_uid="blog.on_comment_deleted")
def on_comment_deleted(instance: Comment, **_: Any) -> None:
    """A comment is gone: count anew, warm the post's page."""
    post, days = instance.post_id, touched(instance, "created_at")
    enqueue(statistics.recount_blog, about=instance, **BLOG, post_ids=[post], days=days)
    enqueue(housekeeping.warm_post, about=instance, key=f"post:{post}", post_id=post)
