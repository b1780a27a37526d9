"""Whatever is done to orders, posts and comments in whatever order: once its jobs have run, each figure is exact.

FIGURES_EXAMPLES=500 looks for longer.
"""

import io
import logging
import os
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import transaction
from django.db.models import ProtectedError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from project.accounts.models import User
from project.blog.models import Comment, Post
from project.catalog.models import Product
from project.figures.checking import check
from project.jobs.models import Job
from project.orders.models import Order, OrderLine, RefundLine
from project.orders.placing import CannotDo, Item, pay, place
from project.orders.refunding import cancel, lines_left, refund
from tests import figures
from tests.support import with_address

pytestmark = pytest.mark.django_db

PRICES = [("EUR", "10.00"), ("EUR", "0.07"), ("JPY", "1999"), ("BHD", "0.101")]
ZONES = ["UTC", "Europe/Berlin", "Pacific/Auckland", "America/St_Johns"]
RECOUNTS = ["statistics.recount_sales", "statistics.recount_blog"]

place_ = st.integers(0, 9)
moments = st.datetimes(datetime(2026, 3, 27), datetime(2026, 3, 31), timezones=st.just(UTC))  # noqa: DTZ001  see UTC
items = st.lists(st.tuples(st.integers(0, 3), st.integers(1, 5)), min_size=1, max_size=3)
placed = st.tuples(st.just("place"), items, moments)
written = st.tuples(st.just("write"), moments)
said = st.tuples(st.just("say"), place_, moments)
of_orders = st.one_of(
    placed,
    st.tuples(st.just("refund_part"), place_, st.integers(1, 3)),
    st.tuples(st.sampled_from(["move", "move_unread"]), place_, moments),
    st.tuples(st.sampled_from(["pay", "refund", "cancel", "delete", "change_line", "add_line", "unrefund"]), place_),
    st.tuples(st.just("set_status"), place_, st.sampled_from(["placed", "cancelled"])),
    st.tuples(st.just("change_currency"), st.integers(0, 3), st.sampled_from(["EUR", "JPY"])),
    st.tuples(st.just("count")),
)
of_blog = st.one_of(
    st.tuples(st.just("write"), st.one_of(st.none(), moments)),
    st.tuples(st.just("publish"), place_, st.one_of(st.none(), moments)),
    said,
    st.tuples(st.just("move_comment"), place_, place_, moments),
    st.tuples(st.sampled_from(["delete_post", "delete_comment"]), place_),
    st.tuples(st.just("count")),
)
EXAMPLES = int(os.environ.get("FIGURES_EXAMPLES", "0"))
often = settings(
    max_examples=EXAMPLES or 15,
    derandomize=not EXAMPLES,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def after(first, then):
    """Returns lists of steps: some of a kind that others need, which are counted, and then any."""
    lists = st.lists(first, min_size=3, max_size=5), st.lists(then, min_size=5, max_size=15)
    return st.builds(lambda some, rest: [*some, ("count",), *rest], *lists)


class World:
    """A shop and a blog, what is done to them, and the jobs of the figures alone."""

    def __init__(self, run):
        self.run = run
        self.ada = User.objects.create_user("ada", "ada@example.com")
        with_address(self.ada)
        self.products = [
            Product.objects.create(name=f"P{at}", slug=f"p{at}", price=Decimal(price), currency=currency, stock=9999)
            for at, (currency, price) in enumerate(PRICES)
        ]

    def do(self, step, *rest):
        with suppress(CannotDo, ValidationError, ProtectedError), transaction.atomic():
            getattr(self, step)(*rest)

    def count(self):
        while job := Job.objects.filter(task__in=RECOUNTS, state="waiting").order_by("id").first():
            Job.objects.filter(state="waiting").update(run_by=None, run_at=job.created_at)
            self.run(job)

    def place(self, chosen, moment):
        chosen = {self.products[at]: quantity for at, quantity in chosen}
        currency = next(iter(chosen)).currency
        order = place(self.ada, [Item(each, n) for each, n in chosen.items() if each.currency == currency])
        order.placed_at = moment
        order.save()

    def one(self, model, at):
        rows = list(model.objects.order_by("pk"))
        if not rows:
            raise ValidationError("there is none")
        return rows[at % len(rows)]

    def pay(self, at):
        pay(self.one(Order, at))

    def refund(self, at):
        refund(self.one(Order, at))

    def refund_part(self, at, quantity):
        order = self.one(Order, at)
        refund(order, {line.pk: min(left, quantity) for line, left in list(lines_left(order).items())[:2]})

    def cancel(self, at):
        cancel(self.one(Order, at))

    def move(self, at, moment):
        order = self.one(Order, at)
        order.placed_at = moment
        order.save()

    def move_unread(self, at, moment):
        order = Order.objects.only("number").get(pk=self.one(Order, at).pk)
        order.placed_at = moment
        order.save()

    def set_status(self, at, status):
        order = self.one(Order, at)
        order.status = status
        order.save()

    def unrefund(self, at):
        self.one(RefundLine, at).delete()

    def add_line(self, at):
        product = self.products[(at + 2) % len(self.products)]
        line = {"product": product, "description": "P", "quantity": 2, "unit_price": product.price, "tax_rate": 0}
        OrderLine.objects.create(order=self.one(Order, at), **line)

    def delete(self, at):
        self.one(Order, at).delete()

    def change_line(self, at):
        line = self.one(OrderLine, at)
        line.quantity += 1
        line.product = self.products[(at + 1) % len(self.products)]
        line.save()

    def change_currency(self, at, currency):
        self.products[at].currency = currency
        self.products[at].save()

    def write(self, moment):
        Post.objects.create(author=self.ada, title="T", body="B", published_at=moment)

    def publish(self, at, moment):
        post = self.one(Post, at)
        post.published_at = moment
        post.save()

    def say(self, at, moment):
        Comment.objects.create(post=self.one(Post, at), author=self.ada, text="Yes", created_at=moment)

    def move_comment(self, at, to, moment):
        comment = self.one(Comment, at)
        comment.post, comment.created_at = self.one(Post, to), moment
        comment.save()

    def delete_post(self, at):
        self.one(Post, at).delete()

    def delete_comment(self, at):
        self.one(Comment, at).delete()


@pytest.fixture
def quiet():
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def holds(run, steps):
    with transaction.atomic():
        world = World(run)
        for step in steps:
            world.do(*step)
        world.count()
        assert figures.differences() == []
        assert check().drifted == 0
        call_command("recount_statistics", stdout=io.StringIO())
        assert figures.differences() == []
        transaction.set_rollback(True)


@pytest.mark.parametrize("zone", ZONES)
@often
@given(after(placed, of_orders))
def test_figures_of_orders(quiet, run, settings, zone, steps):
    settings.STATISTICS_TIME_ZONE = zone
    holds(run, steps)


@pytest.mark.parametrize("zone", ZONES)
@often
@given(after(st.one_of(written, said), of_blog))
def test_figures_of_the_blog(quiet, run, settings, zone, steps):
    settings.STATISTICS_TIME_ZONE = zone
    holds(run, steps)
