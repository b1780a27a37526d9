"""The project's own jobs."""

import os

from django.conf import settings

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


@task(queue="housekeeping")
def recount(*, category: int):
    work.recount(category)


def touch_from(queue):
    """Return a task of the queue that does what `touch` does."""

    def run(*, thing: int):
        work.touch(thing)

    run.__name__ = f"touch_from_{queue}"
    return task(queue=queue)(run)


PEER = os.environ["BENCH_PEER"]
TASK = touch_in_bundles if PEER == "ours-bundle" else touch
BY_QUEUE = {queue: touch_from(queue) for queue in settings.QUEUES}


def enqueue(pk):
    return ask(TASK, thing=pk)


def enqueue_all(pks):
    enqueue_many(TASK, [{"thing": pk} for pk in pks])


def enqueue_to(queue, pk):
    ask(BY_QUEUE[queue], thing=pk)


def enqueue_recount(category):
    ask(recount, key="" if PEER == "ours-each" else f"category:{category}", category=category)


def begin():
    """Be a system that has run before: a worker that finds no mark takes the broker's memory for lost, once."""
    marks.leave(connect())


def settle():
    """Wait until the publisher's thread has handed over all that was committed: it would slow what comes next."""
    until(lambda: publisher.is_idle, "the publisher has nothing left", seconds=60)
