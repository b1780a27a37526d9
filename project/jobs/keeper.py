"""The keeper: a thread in each worker's parent process that says "alive" and recovers, once a second.

No process beside the workers is needed, and any live worker heals the system.
"""

import os
import random
import threading
import time
from collections.abc import Callable, Collection, Sequence
from functools import cache
from typing import Any

import structlog
from celery.signals import worker_ready, worker_shutdown
from celery.worker import state
from django.conf import settings
from django.db import connections
from django.db.models.functions import Now
from django.utils.module_loading import import_string
from kombu import Producer

from project.jobs import circuits, recovery, schedules
from project.jobs.models import Job, Worker
from project.jobs.publisher import collect, connect

log = structlog.get_logger(__name__)

ROUND = 1.0  # seconds between rounds, with a jitter of a fifth, so that workers do not all come at the same moment
SLOW_ROUNDS = 5  # every so many rounds the broker is asked what it lost, and the schedules what is due
STALE = recovery.STALE.total_seconds()


class Keeper:
    """Keeps one worker's heartbeat and does its share of the recovery.

    name: the worker's. children: returns the process ids that run its jobs. jobs: returns the ids of those jobs.
    """

    def __init__(
        self,
        name: str,
        queues: Collection[str],
        children: Callable[[], Collection[int]],
        jobs: Callable[[], Collection[str]],
    ) -> None:
        self.name = name
        self.queues = sorted(queues)
        self.children = children
        self.jobs = jobs
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="keeper", daemon=True)
        self._producer: Producer | None = None
        self._rounds = 0
        self._steady_since = time.monotonic()

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, and give back what the worker could not finish."""
        self._stopping.set()
        self._thread.join(5)
        try:
            given = recovery.give_back(Job.objects.filter(worker=self.name), "its worker was stopped")
            Worker.objects.filter(name=self.name).delete()
            log.info("worker_left", worker=self.name, given_back=given)
        except Exception as error:  # noqa: BLE001  the worker ends either way, and others will notice
            log.warning("worker_left_unsaid", worker=self.name, error=f"{type(error).__name__}: {error}")

    def _keep(self) -> None:
        while not self._stopping.is_set():
            with between_forks:
                self._round()
            self._stopping.wait(ROUND * random.uniform(0.8, 1.2))  # noqa: S311
        self._disconnect()

    def _round(self) -> None:
        """Do one round. What fails is said and tried again with the next one: the thread outlives it."""
        try:
            self._beat()
            self._recover()
            self._rounds += 1
        except Exception as error:  # noqa: BLE001
            log.warning("round_failed", worker=self.name, error=f"{type(error).__name__}: {error}")
            self._disconnect()
            self._steady_since = time.monotonic()
        finally:
            connections.close_all()  # a fork must find none: SQLite's locks and files do not survive a second closing

    def _beat(self) -> None:
        Worker.objects.update_or_create(
            name=self.name, defaults={"queues": self.queues, "pid": os.getpid(), "heartbeat_at": Now()}
        )

    def _recover(self) -> None:
        recovery.take_back_from_myself(self.name, self.jobs(), self.children())
        # After the database was away every heartbeat is old, and none of the workers dead: give them time to say so.
        if time.monotonic() - self._steady_since > STALE:
            recovery.take_back_from_dead_workers()
        if self._rounds % SLOW_ROUNDS == 0:
            schedules.fire_due(declared())
        circuits.release_probes()
        producer = self._connected()
        if self._rounds % SLOW_ROUNDS == 0:
            recovery.find_lost(producer)
        while recovery.publish_due(producer) == recovery.BATCH:
            pass

    def _connected(self) -> Producer:
        if self._producer is None:
            self._producer = connect()
        return self._producer

    def _disconnect(self) -> None:
        if self._producer is not None:
            collect(self._producer)
            self._producer = None


between_forks = threading.Lock()  # held for a round: a child that is forked meanwhile would inherit locks in any state
os.register_at_fork(
    before=between_forks.acquire, after_in_parent=between_forks.release, after_in_child=between_forks.release
)

_keepers: list[Keeper] = []


@worker_ready.connect(dispatch_uid="project.jobs.keeper.begin")
def begin(sender: Any, **_: Any) -> None:
    """Start the keeper of a worker that has started."""
    queues = sender.task_consumer.queues if hasattr(sender, "task_consumer") else []
    keeper = Keeper(sender.hostname, [queue.name for queue in queues], lambda: process_ids(sender.pool), job_ids)
    _keepers.append(keeper)
    keeper.start()


@worker_shutdown.connect(dispatch_uid="project.jobs.keeper.leave")
def leave(**_: Any) -> None:
    """Stop the keeper of a worker that ends."""
    while _keepers:
        _keepers.pop().stop()


def process_ids(pool: Any) -> set[int]:
    """Return the ids of the processes that run a worker's jobs: its children, or itself where it has none."""
    children = getattr(getattr(pool, "_pool", None), "_pool", [])
    return {os.getpid(), *(child.pid for child in children if hasattr(child, "pid"))}


def job_ids() -> set[str]:
    """Return the ids of the jobs that this worker has in hand, as its parent process knows them."""
    return {request.id for request in (*state.reserved_requests, *state.active_requests)}


@cache
def declared() -> Sequence[schedules.Schedule]:
    """Return the project's schedules. Raises TaskDefinitionError where one of them cannot be fired."""
    found: Sequence[schedules.Schedule] = import_string(settings.SCHEDULES)
    schedules.check(found)
    return found
