"""Counts, always anew from the rows."""

from django.utils import timezone

from project.blog.models import Comment, Post, PostStatistics


def recount(post: Post) -> None:
    """Count the post's comments. The lock puts concurrent recounts in a row: the last one sees every comment."""
    PostStatistics.objects.get_or_create(post=post, defaults={"as_of": timezone.now()})
    statistics = PostStatistics.objects.select_for_update().get(post=post)
    statistics.comments = Comment.objects.filter(post=post).count()
    statistics.as_of = timezone.now()
    statistics.save()
