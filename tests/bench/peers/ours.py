"""The project's own jobs."""

import os
import time

from django.db import transaction

from project.jobs import enqueue as ask
from project.jobs import enqueue_many, marks, task
from project.jobs.publisher import connect, publisher
from tests.bench import work
from tests.support import until


@task(queue="housekeeping")
def touch(*, thing: int):
    work.touch(thing)


@task(queue="housekeeping", bundle=100)
def touch_in_bundles(*, thing: int):
    work.touch(thing)


TASK = touch_in_bundles if os.environ["BENCH_PEER"] == "ours-bundle" else touch


def enqueue(pk):
    ask(TASK, thing=pk)


def leave_mark():
    """Be a system that has run before: a worker that finds no mark takes the broker's memory for lost, once."""
    marks.leave(connect())


def fill(pks):
    with transaction.atomic():
        enqueue_many(TASK, [{"thing": pk} for pk in pks])


def settle():
    """Wait until the publisher's thread has handed over all that was committed: it would slow what comes next."""
    until(lambda: publisher._messages.empty(), "the publisher has no message left", seconds=60, pause=0.001)
    time.sleep(0.005)  # it may have taken the last one, and not begun with it
    with publisher._busy:
        pass
