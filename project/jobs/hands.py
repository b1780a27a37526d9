"""What a worker has in hand, as its parent process knows it."""

import os
from contextlib import suppress
from typing import Any

from celery.worker import state


class Hands:
    """A worker's processes and the jobs that they run."""

    def __init__(self, pool: Any) -> None:
        self.pool = pool

    def processes(self) -> set[int]:
        """Return the ids of the processes that run its jobs: its children, or itself where it has none."""
        children = getattr(getattr(self.pool, "_pool", None), "_pool", [])
        return {os.getpid(), *(child.pid for child in children if hasattr(child, "pid"))}

    def jobs(self) -> set[str]:
        """Return the ids of the jobs that it works on or is about to.

        Of two messages of a job the second claims nothing, and takes the job's id from Celery's table of requests
        though the first still runs: so those that run are asked too.
        """
        return {*state.requests, *(request.id for request in active_requests())}

    def running(self) -> bool:
        """Tell whether it works on any. A message that it had reserved when its connection died is forgotten there."""
        return bool(state.active_requests)

    def taken(self) -> int:
        """Return how many messages it has taken so far."""
        return sum(state.total_count.values())


def active_requests() -> list[Any]:
    """Return the requests that run now. Celery's own thread changes them meanwhile, which ends a reading of them."""
    while True:
        with suppress(RuntimeError):
            return list(state.active_requests)
