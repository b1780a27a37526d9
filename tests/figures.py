"""All figures, counted by hand: in plain Python, row by row, to be compared with what the site has counted."""

from collections import defaultdict
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.conf import settings

from project.blog.models import Comment, DailyWriting, Post, PostStatistics
from project.catalog.models import DailySales, DailyTotal, Product, ProductStatistics
from project.orders.models import OrderLine, RefundLine

STANDING = ("placed", "paid")


def differences():
    """Returns each figure that is not what the rows say, in words."""
    found, real = counted(), by_hand()
    keys = sorted(found.keys() | real.keys(), key=str)
    return [f"{key}: {found.get(key)} counted of {real.get(key)}" for key in keys if found.get(key) != real.get(key)]


def counted():
    """Returns the figures that the site has."""
    sums = ("orders", "units", "revenue")
    tables = {
        ProductStatistics: (("product",), sums),
        DailySales: (("product", "day", "currency"), sums),
        DailyTotal: (("day", "currency"), sums),
        PostStatistics: (("post",), ("comments",)),
        DailyWriting: (("day",), ("posts", "comments")),
    }
    found = {}
    for model, (by, columns) in tables.items():
        for row in model.objects.values_list(*by, *columns):
            found[model.__name__, *row[: len(by)]] = row[len(by) :]
    return found


def by_hand():
    """Returns the same from orders, refunds, posts and comments."""
    return sales() | writing()


def sales():
    own, back, sums = dict(Product.objects.values_list("pk", "currency")), defaultdict(int), {}
    for line, quantity in RefundLine.objects.values_list("line", "quantity"):
        back[line] += quantity
    for line in OrderLine.objects.filter(order__status__in=STANDING).select_related("order"):
        left, day, currency = line.quantity - back[line.pk], day_of(line.order.placed_at), line.order.currency
        if left:
            revenue = left * line.unit_price
            add(sums, ("DailySales", line.product_id, day, currency), line.order_id, left, revenue)
            add(sums, ("DailyTotal", day, currency), line.order_id, left, revenue)
            is_own = currency == own[line.product_id]
            add(sums, ("ProductStatistics", line.product_id), line.order_id, left, revenue if is_own else Decimal(0))
    return {key: (len(orders), units, revenue) for key, (orders, units, revenue) in sums.items()}


def add(sums, key, order, units, revenue):
    orders, before, earned = sums.get(key, (set(), 0, Decimal(0)))
    sums[key] = (orders | {order}, before + units, earned + revenue)


def writing():
    of_posts, days = defaultdict(int), defaultdict(lambda: [0, 0])
    for post, moment in Comment.objects.values_list("post", "created_at"):
        of_posts["PostStatistics", post] += 1
        days[day_of(moment)][1] += 1
    for moment in Post.objects.exclude(published_at=None).values_list("published_at", flat=True):
        days[day_of(moment)][0] += 1
    return {key: (number,) for key, number in of_posts.items()} | {
        ("DailyWriting", day): tuple(numbers) for day, numbers in days.items()
    }


def day_of(moment):
    return moment.astimezone(ZoneInfo(settings.STATISTICS_TIME_ZONE)).date()
