"""What follows from events of `project.catalog`."""

from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver

from project.catalog.models import Product
from project.jobs import enqueue
from tasks import statistics
from tasks.statistics import SALES


@receiver(post_save, sender=Product, dispatch_uid="catalog.on_product_saved")
def on_product_saved(instance: Product, raw: bool, **_: Any) -> None:
    """A product is new or changed: count anew what was sold of it."""
    if not raw:
        enqueue(statistics.recount_sales, about=instance, **SALES, product_ids=[instance.pk])
