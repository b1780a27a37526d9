"""Recounts: figures computed anew from rows. Their asks have one key, and the run that stands for them all subjects."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from project.blog import statistics as blog_statistics
from project.catalog import statistics as catalog_statistics
from project.figures import checking
from project.jobs import task

# How their asks are made: changes of half a second become one recount, and none of them waits for longer than two.
SALES: dict[str, Any] = {"key": "sales", "settle": 0.5, "at_most": 2.0}
BLOG: dict[str, Any] = SALES | {"key": "blog"}


@task(queue="statistics", unites=True)
def recount_sales(*, product_ids: Sequence[int] = (), order_ids: Sequence[int] = (), days: Sequence[str] = ()) -> None:
    """Count what was sold of products, also of those of orders, and of all on days (such as 2026-02-28).

    Idempotent: counted from the orders. A product or an order that is gone has none.
    Gives up: after 10 attempts, about 10 minutes; the job is then `failed`, and the nightly check tells what it left.
    """
    catalog_statistics.recount_sales(product_ids, [*map(date.fromisoformat, days)], order_ids)


@task(queue="statistics", unites=True)
def recount_blog(*, post_ids: Sequence[int] = (), days: Sequence[str] = ()) -> None:
    """Count the comments on posts, and what was written on days (such as 2026-02-28).

    Idempotent: counted from posts and comments. A post that is gone has none.
    Gives up: after 10 attempts, about 10 minutes; the job is then `failed`, and the nightly check tells what it left.
    """
    blog_statistics.recount_blog(post_ids, [*map(date.fromisoformat, days)])


@task(queue="statistics", keep_result=True)
def check_figures() -> int:
    """Compare a sample of the figures with a recount; returns how many had drifted.

    Idempotent: what was found is put right, and a second check finds nothing of it.
    Gives up: after 10 attempts, about 10 minutes; the next night's run does it.
    """
    return checking.check().drifted
