"""What jobs do, for all alike."""

import time

from django.apps import apps
from django.db.models import Avg, Count, F, Sum


def model(name):
    return apps.get_model("bench", name).objects


def touch(pk):
    """Change one row, by its primary key."""
    began = time.time()
    model("Thing").filter(pk=pk).update(runs=F("runs") + 1, ran_at=began)


def recount(category):
    """Count a category's items anew, and note how long that took."""
    began = time.perf_counter()
    items = model("Item").filter(category=category)
    counted = items.aggregate(items=Count("pk"), total=Sum("price"), average=Avg("price"))
    model("Category").filter(pk=category).update(**counted)
    model("Recount").create(seconds=time.perf_counter() - began)
