"""A storm of saves in few categories, each of which asks for a recount of its category."""

from django.db import transaction
from django.db.models.signals import post_save

from tests.bench.models import Category, Item
from tests.bench.probe.peer import PEER, begin, settle

CATEGORIES, TRANSACTIONS = 20, 10


def on_item_saved(instance, **_):
    PEER.enqueue_recount(instance.category)


def fold(count):
    """Save items in transactions of equal size, the categories in turns."""
    begin()
    Category.objects.bulk_create(Category(pk=number) for number in range(1, 1 + CATEGORIES))
    post_save.connect(on_item_saved, sender=Item)
    for first in range(0, count, count // TRANSACTIONS):
        save(range(first, first + count // TRANSACTIONS))
    settle()
    return {"asked": count}


@transaction.atomic
def save(numbers):
    for number in numbers:
        Item(category=1 + number % CATEGORIES, price=number % 997).save()
