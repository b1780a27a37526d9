"""What there is to count: each kind of figures, with its subjects, from the facts and from the figures there are."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from project.blog.models import Comment, DailyWriting, Post, PostStatistics
from project.blog.statistics import recount_blog
from project.catalog.models import DailySales, DailyTotal, Product, ProductStatistics
from project.catalog.statistics import recount_sales
from project.counting import as_day, start_of
from project.orders.models import Order


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Kind:
    """A kind of figures.

    name: of one of its subjects. read: makes a subject of its text. subjects: all, or those that have something on
    a day or later; sorted. recount: counts some of them anew. figures: the tables, each with its column for the
    subject. portion: subjects in one transaction, for which other recounts wait.
    """

    name: str
    read: Callable[[str], Any]
    subjects: Callable[[date | None], list[Any]]
    recount: Callable[[Sequence[Any]], None]
    figures: Sequence[tuple[Any, str]]
    portion: int


def products(since: date | None) -> list[int]:
    """Return the products of which something was sold, or is said to have been."""
    if since is None:
        return ids(Product.objects.all(), "pk")
    lines = Product.objects.filter(order_lines__order__placed_at__gte=start_of(since))
    return sorted({*ids(lines, "pk"), *ids(DailySales.objects.filter(day__gte=since), "product_id")})


def posts(_since: date | None) -> list[int]:
    """Return all posts, whatever the day: their figures have none, and a comment that is gone leaves none behind."""
    return ids(Post.objects.all(), "pk")


def days_of_sales(since: date | None) -> list[date]:
    """Return the days on which something was sold, or is said to have been."""
    return days(since, (Order, "placed_at"), figures=DailyTotal)


def days_of_writing(since: date | None) -> list[date]:
    """Return the days on which something was written, or is said to have been."""
    return days(since, (Post, "published_at"), (Comment, "created_at"), figures=DailyWriting)


def days(since: date | None, *facts: tuple[Any, str], figures: Any) -> list[date]:
    """Return the days of some facts and of their figures."""
    there = figures.objects.all() if since is None else figures.objects.filter(day__gte=since)
    found: set[date] = set(there.values_list("day", flat=True))
    for model, field in facts:
        rows = model.objects.exclude(**{field: None}).order_by()
        later = rows if since is None else rows.filter(**{f"{field}__gte": start_of(since)})
        found.update(later.values_list(as_day(field), flat=True).distinct())
    return sorted(found)


def ids(rows: "QuerySet[Any]", name: str) -> list[int]:
    """Return each id once, sorted."""
    return list(rows.order_by(name).values_list(name, flat=True).distinct())


KINDS: Sequence[Kind] = (
    Kind(
        name="product",
        read=int,
        subjects=products,
        recount=recount_sales,
        figures=[(ProductStatistics, "product_id"), (DailySales, "product_id")],
        portion=20,
    ),
    Kind(
        name="day of sales",
        read=date.fromisoformat,
        subjects=days_of_sales,
        recount=lambda some: recount_sales([], some),
        figures=[(DailyTotal, "day")],
        portion=30,
    ),
    Kind(
        name="post",
        read=int,
        subjects=posts,
        recount=recount_blog,
        figures=[(PostStatistics, "post_id")],
        portion=200,
    ),
    Kind(
        name="day of writing",
        read=date.fromisoformat,
        subjects=days_of_writing,
        recount=lambda some: recount_blog([], some),
        figures=[(DailyWriting, "day")],
        portion=30,
    ),
)
