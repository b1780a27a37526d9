"""What the size of the ledger may cost. Ours only: measured in turns with a process on another ledger."""

import json
import os
import sys
import time

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from project.jobs import circuits, feeding, recovery
from project.jobs.execution import execute
from project.jobs.models import Attempt, Outcome, Worker
from project.jobs.publisher import connect
from tests.bench.probe.peer import PEER, begin, settle, things

BLOCK = 20
NAME = "bench@here"


def sample():
    """Let one job be asked for, and run; it has failed once before."""
    begin()
    ids = [enqueue(pk) for pk in things(1)]
    claim(ids)
    settle()
    tried = {"worker": NAME, "started_at": Now(), "outcome": Outcome.FAILED, "error": "away", "traceback": 500 * "x"}
    Attempt.objects.update_or_create(job_id=ids[0], number=1, defaults=tried)


def answer():
    """Measure a block of each for every line that is read. Prints microseconds for one."""
    begin()
    producer = connect()
    for _ in sys.stdin:
        pks = things(BLOCK)
        ids, asking = block(lambda pks=pks: [enqueue(pk) for pk in pks])
        settle()
        _, claiming = block(lambda ids=ids: claim(ids))
        settle()
        _, recovering = block(lambda: [recover(producer) for _ in range(BLOCK)])
        sys.stdout.write(json.dumps({"enqueue": asking, "claim": claiming, "recovery": recovering}) + "\n")
        sys.stdout.flush()


def block(step):
    """Do a step of a block. Returns what it returned, and microseconds for one of it."""
    began = time.perf_counter()
    found = step()
    return found, (time.perf_counter() - began) / BLOCK * 1e6


@transaction.atomic
def enqueue(pk):
    return PEER.enqueue(pk)


def claim(ids):
    for job_id in ids:
        execute(PEER.TASK, job_id=str(job_id), worker=NAME)


def recover(producer):
    """Do what a keeper does in a round in which it does all."""
    alive = {"queues": list(settings.QUEUES), "pid": os.getpid(), "heartbeat_at": Now()}
    Worker.objects.update_or_create(name=NAME, defaults=alive)
    recovery.take_back_from_myself(NAME, (), {os.getpid()})
    recovery.take_back_from_dead_workers(NAME)
    circuits.release_probes()
    recovery.find_lost(producer)
    feeding.let_go(feeding.limits())
    recovery.publish_fed(producer)
    recovery.publish_due(producer)
