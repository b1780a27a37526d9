"""Saves, bare and with a job each: the difference is what the job costs."""

import os
import time

from django.db import transaction

from tests.bench.models import Bare, Thing
from tests.bench.probe.peer import timed

BLOCK = 50  # saves of one kind in a row: bare and announced alternate, so that both meet the same minutes
WARM = 20
REST = 0.6  # seconds
IN_BULK = os.environ["BENCH_PEER"] == "ours-bulk"


def save(count):
    """Measure saves, each in a transaction of its own. Returns seconds for each block of them."""
    warm_up()
    pairs = [(rested(Bare), rested(Thing)) for _ in range(count // BLOCK)]
    bare, announced = zip(*pairs, strict=True)
    return found(bare, announced, asked=BLOCK * len(pairs)) | {"block": BLOCK}


def rested(model):
    """Measure a block after the same rest for every peer: a machine that was idle is half as fast again as a busy one.

    Ours needs it, to note what it has published.
    """
    time.sleep(REST)
    return block(model)


def storm(count):
    """Measure many saves in one transaction, each kind once before and once after the other. Returns as `save`."""
    warm_up()
    order = (Bare, Thing, Thing, Bare)
    first_bare, first, second, second_bare = (one_transaction(model, count) for model in order)
    return found([first_bare, second_bare], [first, second], asked=2 * count)


def found(bare, announced, *, asked):
    (bare, bare_cpu), (announced, announced_cpu) = zip(*bare, strict=True), zip(*announced, strict=True)
    return {
        "bare": bare,
        "with": announced,
        "bare_cpu": bare_cpu,
        "with_cpu": announced_cpu,
        "asked": WARM + asked,
    }


def warm_up():
    for model in (Bare, Thing):
        block(model, WARM)


def block(model, count=BLOCK):
    return timed(lambda: one_by_one(model, count))


def one_by_one(model, count):
    for value in range(count):
        with transaction.atomic():
            model(value=value).save()


def one_transaction(model, count):
    return timed(lambda: together(model, count))


@transaction.atomic
def together(model, count):
    rows = [model(value=value) for value in range(count)]
    if IN_BULK:
        model.objects.bulk_create(rows)
        return
    for row in rows:
        row.save()
