"""Posts, comments and how many there are."""

from itertools import chain, count
from typing import Any, ClassVar

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify

from project.jobs.senders import Sender
from project.notifications.models import Delivery

LONGEST_SLUG = 60


class Post(Sender):
    """A post. Its slug is unique and, once it is published, never changes: others link to it."""

    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="posts")
    title = models.CharField(max_length=200)
    slug = models.SlugField(max_length=LONGEST_SLUG + 12, unique=True, editable=False)
    body = models.TextField(max_length=100_000)
    published_at = models.DateTimeField(default=timezone.now, null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[models.Manager["Post"]]

    class Meta:
        ordering: ClassVar = ["-published_at", "-id"]
        indexes: ClassVar = [models.Index(name="post_published_at", fields=["published_at"])]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Return the address of the post's page."""
        return reverse("blog:detail", args=[self.slug])

    def save(self, **kwargs: Any) -> None:
        """Save, with a slug of the title's words; a number is added where another post has it."""
        if self.slug and self.loaded.get("published_at"):
            return super().save(**kwargs)
        words = slugify(self.title)[:LONGEST_SLUG].strip("-") or "post"
        for slug in chain([words], (f"{words}-{number}" for number in count(2))):
            self.slug = slug
            try:
                with transaction.atomic():  # two writers can choose one slug: the second one is told here, and goes on
                    return super().save(**kwargs)
            except IntegrityError:
                if not Post.objects.exclude(pk=self.pk).filter(slug=slug).exists():
                    raise
        raise AssertionError("unreachable: the numbers do not end")


class Comment(Sender):
    """What a reader says of a post. told_in: the mail that tells the post's author; empty until it is written."""

    post = models.ForeignKey(Post, models.CASCADE, related_name="comments")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="comments")
    text = models.TextField(max_length=5000)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)
    # No constraint: a delivery may be removed one day, and its comments stay told.
    told_in = models.ForeignKey(
        Delivery, models.DO_NOTHING, null=True, blank=True, editable=False, related_name="+", db_constraint=False
    )

    objects: ClassVar[models.Manager["Comment"]]

    class Meta:
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [models.Index(name="comment_created_at", fields=["created_at"])]

    def __str__(self) -> str:
        return f"comment {self.pk} on {self.post_id}"


class PostStatistics(models.Model):
    """How much a post is talked about, counted from the comments."""

    post = models.OneToOneField(Post, models.CASCADE, related_name="statistics")
    comments = models.PositiveIntegerField(default=0)
    as_of = models.DateTimeField()

    objects: ClassVar[models.Manager["PostStatistics"]]

    class Meta:
        verbose_name_plural = "post statistics"

    def __str__(self) -> str:
        return f"{self.comments} comments on {self.post_id}"


class DailyWriting(models.Model):
    """How much was published and commented on one day of STATISTICS_TIME_ZONE, true as of an instant."""

    day = models.DateField(unique=True)
    posts = models.PositiveIntegerField()
    comments = models.PositiveIntegerField()
    as_of = models.DateTimeField()

    objects: ClassVar[models.Manager["DailyWriting"]]

    class Meta:
        ordering: ClassVar = ["day"]
        verbose_name_plural = "daily writing"

    def __str__(self) -> str:
        return f"{self.posts} posts and {self.comments} comments on {self.day}"
