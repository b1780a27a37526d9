"""The peer of this process. What it has no call of its own for is done in the way that all have."""

import time

from django.apps import apps
from django.db.models.signals import post_save

from tests.bench.models import Bare, Thing

PEER = apps.get_app_config("bench").peer


def nothing():
    pass


def one_by_one(pks):
    for pk in pks:
        PEER.enqueue(pk)


begin = getattr(PEER, "begin", nothing)
settle = getattr(PEER, "settle", nothing)
enqueue_all = getattr(PEER, "enqueue_all", one_by_one)


def on_thing_saved(instance, **_):
    PEER.enqueue(instance.pk)


post_save.connect(on_thing_saved, sender=Thing)


def things(count):
    """Make rows that nobody hears of. Returns their numbers."""
    return [row.pk for row in Bare.objects.bulk_create(Bare(value=value) for value in range(count))]


def timed(step):
    """Do a step. Returns seconds: until it has ended, and of processor, with what its threads do afterwards."""
    wall, cpu = time.perf_counter(), time.process_time()
    step()
    wall = time.perf_counter() - wall
    settle()
    return wall, time.process_time() - cpu
