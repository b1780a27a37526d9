"""Waits for the worker's signals: gives it its keeper when it starts, and takes it away when it ends.

Imported by the worker command line; nothing else needs it.
"""

import atexit
import os
import signal
import threading
from typing import Any

from celery.signals import task_unknown, worker_ready, worker_shutdown
from django.db import connections, transaction

from project.jobs.failures import fail_unknown
from project.jobs.hands import Hands
from project.jobs.keeper import Keeper

_keepers: list[Keeper] = []


def let_go() -> None:
    """Close the connection with which the parent itself wrote something: no child may inherit it."""
    if not transaction.get_connection().in_atomic_block:
        connections.close_all()


os.register_at_fork(before=let_go)


@worker_ready.connect(dispatch_uid="project.jobs.keeper.begin")
def begin(sender: Any, **_: Any) -> None:
    """Start the keeper of a worker that has started."""
    queues = [queue.name for queue in sender.task_consumer.queues]
    keeper = Keeper(sender.hostname, queues, Hands(sender.pool), lambda: os.kill(os.getpid(), signal.SIGTERM))
    _keepers.append(keeper)
    keeper.start()
    atexit.register(leave)  # a cold shutdown tells nobody
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGQUIT, signal.SIGINT):
            prepare_on(number)


def prepare_on(number: int) -> None:
    """Prepare to leave when the signal comes. Celery tells of a cold shutdown only when its processes are gone."""
    before = signal.getsignal(number)

    def handle(*args: Any) -> None:
        prepare()
        if callable(before):
            before(*args)

    signal.signal(number, handle)


def prepare() -> None:
    """Leave the recovery to others from now on: the worker's own processes will end, and that is no death."""
    for keeper in _keepers:
        keeper.leaving = True


@worker_shutdown.connect(dispatch_uid="project.jobs.keeper.leave")
def leave(**_: Any) -> None:
    """Stop the keeper of a worker that ends."""
    while _keepers:
        _keepers.pop().stop()


@task_unknown.connect(dispatch_uid="project.jobs.failures.fail_unknown")
def give_up(name: str, id: str, **_: Any) -> None:  # noqa: A002  the signal's word
    """A message names a task that this worker does not have: see to its job. The parent keeps no connection for it."""
    fail_unknown(name, id)
    let_go()
