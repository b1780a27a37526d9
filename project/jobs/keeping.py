"""Gives each worker its keeper when it starts, and takes it away when it ends.

Imported by the worker command line; nothing else needs it.
"""

import atexit
import os
import signal
import threading
from typing import Any

from celery.signals import worker_ready, worker_shutdown

from project.jobs.hands import Hands
from project.jobs.keeper import Keeper

_keepers: list[Keeper] = []


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
