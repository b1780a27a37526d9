from project.blog.models import Comment
from project.orders.placing import Item, place
from tasks import statistics


def test_a_products_sales_are_counted_anew_each_time(ada, lamp):
    place(ada, [Item(lamp, 2)])
    assert statistics.recount_product(product_id=lamp.pk) == 2
    assert statistics.recount_product(product_id=lamp.pk) == 2


def test_a_product_that_is_gone_has_none(db):
    assert statistics.recount_product(product_id=404) is None


def test_a_posts_comments_are_counted_anew_each_time(post, bob):
    Comment.objects.create(post=post, author=bob, text="Yes")
    statistics.recount_post(post_id=post.pk)
    statistics.recount_post(post_id=post.pk)
    post.refresh_from_db()
    assert post.statistics.comments == 1


def test_a_post_that_is_gone_has_none(db):
    statistics.recount_post(post_id=404)
