"""The pool of a worker that runs its jobs in threads: Celery's own, made able to end while jobs run."""

import time
from typing import Any, cast

from celery import concurrency
from celery.concurrency import thread
from celery.worker import state

PAUSE = 0.1  # seconds between looks


class TaskPool(thread.TaskPool):
    """Runs jobs in threads of this process. Time limits, and children that are replaced, are not to be had here."""

    def terminate_job(self, pid: int, signal: int | None = None) -> None:
        """Let a cancelled job be: a thread cannot be stopped, and ends with the process.

        Celery's own raises NotImplementedError, which ends a cold shutdown halfway.
        """

    def on_stop(self) -> None:
        """Start no more, and wait for what runs until a cold shutdown. Celery's own then waits all the same."""
        cast("Any", self).executor.shutdown(wait=False, cancel_futures=True)
        while state.active_requests and not state.should_terminate:
            time.sleep(PAUSE)


def install() -> None:
    """Let `-P threads` lead to it."""
    cast("Any", concurrency).ALIASES["threads"] = f"{__name__}:{TaskPool.__name__}"
