"""The mails of this app."""

from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from project.blog.models import Comment, Post
from project.jobs import current_job
from project.jobs.clock import database_time
from project.jobs.models import Job
from project.jobs.policies import RetryLater
from project.notifications.mails import Mail, compose, record
from project.notifications.models import Delivery
from project.notifications.sending import send_all

MOST = 50  # comments in one mail

State = Delivery.State


def tell_author(post: Post) -> None:
    """Tell a post's author of all comments that they were not told of yet; of what they said themselves not.

    Raises RetryLater where the first one is told at once, and this is one of those that then gather.
    """
    if settings.COMMENT_MAIL_FIRST_AT_ONCE and (rest := rest_after_last(post)) > timedelta():
        raise RetryLater("The author was told of others just now", after=rest.total_seconds())
    while keep_next(post):
        pass
    send_all(unsent(post))


def rest_after_last(post: Post) -> timedelta:
    """Return how long what is said of a post is still to gather, counted from the last mail about it."""
    last = mails_about(post).order_by("created_at").last()
    settle = timedelta(seconds=settings.COMMENT_MAIL_SETTLE)
    return last.created_at + settle - database_time() if last and untold(post).exists() else timedelta()


@transaction.atomic
def keep_next(post: Post) -> bool:
    """Write a mail about comments that are in none, and mark them: both or neither. Returns whether there were any."""
    comments = list(untold(post).select_for_update(of=("self",)).select_related("author")[:MOST])
    if comments:
        delivery = record(new_comments(post, comments), key=f"comments:{comments[0].pk}")
        Comment.objects.filter(pk__in=[comment.pk for comment in comments]).update(told_in=delivery)
    return bool(comments)


def untold(post: Post) -> QuerySet[Comment]:
    """Return the comments that are in no mail, but for the author's own."""
    return Comment.objects.filter(post=post, told_in=None).exclude(author=post.author)


def mails_about(post: Post) -> QuerySet[Delivery]:
    """Return the mails that tell of a post's comments."""
    return Delivery.objects.filter(pk__in=Comment.objects.filter(post=post).values("told_in"))


def unsent(post: Post) -> list[Delivery]:
    """Return the mails about a post that are still to be sent; of those that were given up, this job's."""
    job = current_job()
    mine = Job.objects.filter(Q(pk=job.pk) | Q(leader=job.pk)) if job else Job.objects.none()
    to_do = Q(state__in=(State.WAITING, State.SENDING)) | Q(state=State.FAILED, job__in=mine)
    return list(mails_about(post).filter(to_do).order_by("id"))


def new_comments(post: Post, comments: Sequence[Comment]) -> Mail:
    """Tell a post's author what readers said."""
    subject = _("{author} commented on {post}") if len(comments) == 1 else _("{count} new comments on {post}")
    return compose(
        "blog/emails/new_comment",
        to=post.author,
        kind="comment",
        subject=format_lazy(subject, author=comments[0].author, count=len(comments), post=post),
        context={"comments": comments, "post": post},
    )
