"""What is asked for without a save, or evenly."""

import time

from django.db import transaction

from tests.bench.models import Thing
from tests.bench.peers.peer import QUEUES
from tests.bench.probe.peer import PEER, begin, enqueue_all, settle, things, timed

AHEAD = 5  # saves that make the connections, and are not counted


def many(count):
    """Measure asking for many runs in one transaction, its commit and what hangs on it included. Returns seconds."""
    in_one_transaction(things(1))
    settle()
    pks = things(count)
    wall, cpu = timed(lambda: in_one_transaction(pks))
    return {"seconds": wall, "cpu": cpu, "asked": 1 + count}


@transaction.atomic
def in_one_transaction(pks):
    enqueue_all(pks)


def fill(count):
    """Let jobs wait for workers."""
    begin()
    in_one_transaction(things(count))
    settle()
    return {"asked": count}


def leave(count):
    """Ask for runs and go away, whether the broker is there or not."""
    in_one_transaction(things(count))
    return {"asked": count}


def one_to_each():
    """Ask for a run from each queue."""
    begin()
    with transaction.atomic():
        for queue, pk in zip(QUEUES, things(len(QUEUES)), strict=True):
            PEER.enqueue_to(queue, pk)
    settle()


def pace(count, pause):
    """Save evenly, each so many milliseconds. Returns when each transaction had committed, by the row's number."""
    committed = {}
    began = time.perf_counter()
    for number in range(AHEAD + count):
        time.sleep(max(0.0, began + number * pause / 1e3 - time.perf_counter()))
        with transaction.atomic():
            row = Thing(value=number)
            # Noted before the hook behind it publishes.
            transaction.on_commit(lambda row=row: committed.update({row.pk: time.time()}))
            row.save()
    settle()
    return dict(list(committed.items())[AHEAD:])
