"""What is written, counted always anew from the posts and comments."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import QuerySet, Value
from django.db.models.functions import Now

from project.blog.models import Comment, DailyWriting, Post, PostStatistics
from project.counting import Rule, as_day, portions, recount, take_turn, within

COMMENTS = Rule(model=PostStatistics, by=("post_id",), columns={"comments": "COUNT(*)"})
WRITING = Rule(model=DailyWriting, by=("day",), columns={"posts": "SUM(a_post)", "comments": "SUM(a_comment)"})


@transaction.atomic(savepoint=False)
def recount_blog(post_ids: Collection[int], days: Collection[date] = ()) -> None:
    """Count the comments on posts, and what was published and commented on days."""
    take_turn(DailyWriting)
    if post_ids:
        rows = Comment.objects.filter(post__in=post_ids).values("post_id", read_at=Now())
        recount(COMMENTS, PostStatistics.objects.filter(post__in=post_ids), rows)
    for some in portions(days):
        posts = written(Post.objects.all(), "published_at", some, post=1, comment=0)
        comments = written(Comment.objects.all(), "created_at", some, post=0, comment=1)
        recount(WRITING, DailyWriting.objects.filter(day__in=some), posts.union(comments, all=True))


def written(rows: "QuerySet[Any]", at: str, days: Collection[date], *, post: int, comment: int) -> "QuerySet[Any, Any]":
    """Return a row for each of those on the days, with what it counts as."""
    there = rows.filter(within(at, days)).order_by()
    return there.values(day=as_day(at), a_post=Value(post), a_comment=Value(comment), read_at=Now())
