"""Recounts: figures computed anew from rows."""

from project.blog import statistics as blog_statistics
from project.blog.models import Post
from project.catalog import statistics as catalog_statistics
from project.catalog.models import Product
from project.jobs import task


@task(queue="statistics", keep_result=True)
def recount_product(*, product_id: int) -> int | None:
    """Count what was sold of a product; returns the units.

    Idempotent: counted from the orders. A product that is gone has none.
    Gives up: after 10 attempts, about 10 minutes; the job is then `failed`.
    """
    product = Product.objects.filter(pk=product_id).first()
    return catalog_statistics.recount(product).units if product else None


@task(queue="statistics")
def recount_post(*, post_id: int) -> None:
    """Count the comments on a post.

    Idempotent: counted from the comments. A post that is gone has none.
    Gives up: after 10 attempts, about 10 minutes; the job is then `failed`.
    """
    post = Post.objects.filter(pk=post_id).first()
    if post:
        blog_statistics.recount(post)
