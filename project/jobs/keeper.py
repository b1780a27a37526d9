"""The keeper: a thread in each worker's parent process that says "alive" and recovers, once a second.

No process beside the workers is needed, and any live worker heals the system.
"""

import os
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Sequence
from functools import cache

import structlog
from django.conf import settings
from django.db import connections
from django.db.models.functions import Now
from django.utils.module_loading import import_string
from kombu import Producer

from project.jobs import circuits, feeding, marks, recovery, schedules
from project.jobs.hands import Hands
from project.jobs.messages import collect, connect
from project.jobs.models import Job, Worker

log = structlog.get_logger(__name__)

ROUND = 1.0  # seconds between rounds, with a jitter of a fifth, so that workers do not all come at the same moment
AT_A_STRETCH = 2.0  # seconds of publishing in one round: the heartbeat and forks wait for it
SLOW_ROUNDS = 5  # every so many rounds the broker is asked what it lost, and the schedules what is due
STALE = recovery.STALE.total_seconds()
STEADY = 5.0  # seconds; a longer gap between two heartbeats tells of a database, or a machine, that stood still
STUCK = 20.0  # seconds in which a worker with free hands takes nothing from a queue that is not empty


class Keeper:
    """Keeps one worker's heartbeat and does its share of the recovery.

    give_up: ends the worker, so that whoever supervises it starts a new one.
    """

    def __init__(self, name: str, queues: Collection[str], hands: Hands, give_up: Callable[[], None]) -> None:
        self.name = name
        self.queues = sorted(queues)
        self.hands = hands
        self.give_up = give_up
        self.leaving = False
        # A worker that shuts down forgets what it has in hand a moment before the processes that run it are gone.
        self._in_hand: deque[set[str]] = deque(maxlen=5)  # rounds
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="keeper", daemon=True)
        self._producer: Producer | None = None
        self._rounds = 0
        self._is_behind = False
        self._steady_since = self._last_beat = time.monotonic()
        self._last_taken = (-1, time.monotonic())

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, and give back what the worker could not finish."""
        self._stopping.set()
        self._thread.join(5)
        try:
            recovery.give_back(Job.objects.filter(worker=self.name), "its worker was stopped")
            Worker.objects.filter(name=self.name).delete()
        except Exception as error:  # noqa: BLE001  the worker ends either way, and the others will notice
            log.warning("worker_left_unsaid", worker=self.name, error=f"{type(error).__name__}: {error}")
        finally:
            connections.close_all()

    def _keep(self) -> None:
        while not self._stopping.is_set():
            with between_forks:
                self.round()
            self._stopping.wait(0 if self._is_behind else ROUND * random.uniform(0.8, 1.2))  # noqa: S311
        self._disconnect()

    def round(self) -> None:
        """Do one round. What fails is said and tried again with the next one: the thread outlives it."""
        self._is_behind = False
        try:
            self._beat()
            if not self.leaving:
                self._recover()
            self._rounds += 1
        except Exception as error:  # noqa: BLE001
            log.warning("round_failed", worker=self.name, error=f"{type(error).__name__}: {error}")
            self._disconnect()
            self._steady_since = time.monotonic()
        finally:
            connections.close_all()  # a fork must find none: SQLite's locks and files do not survive a second closing

    def _beat(self) -> None:
        alive = {"queues": self.queues, "pid": os.getpid(), "heartbeat_at": Now()}
        if not Worker.objects.filter(name=self.name).update(**alive):
            Worker.objects.create(name=self.name, **alive)
        now = time.monotonic()
        if now - self._last_beat > STEADY:
            self._steady_since = now
        self._last_beat = now

    def _recover(self) -> None:
        self._in_hand.append(self.hands.jobs())
        lately = set().union(*self._in_hand)
        recovery.take_back_from_myself(self.name, lately, self.hands.processes())
        # After the database was away, or this process frozen, heartbeats are old and no worker dead: let them say so.
        if time.monotonic() - self._steady_since > STALE:
            recovery.take_back_from_dead_workers(self.name)
        circuits.release_probes()
        if self._producer is None:
            self._producer = connect()
        if self._rounds % SLOW_ROUNDS == 0:
            schedules.fire_due(declared())
            recovery.find_lost(self._producer)
            self._watch(self._producer)
            feeding.let_go(feeding.limits())
        recovery.publish_fed(self._producer)
        self._is_behind = self._publish(self._producer)

    def _publish(self, producer: Producer) -> bool:
        """Publish what is due, but not for so long that the heartbeat stops. Returns whether there may be more."""
        begun = time.monotonic()
        while recovery.publish_due(producer) == recovery.BATCH:
            if time.monotonic() - begun > AT_A_STRETCH:
                return True
        return False

    def _watch(self, producer: Producer) -> None:
        """End a worker that takes nothing though its queue waits: alive by its heartbeat, and of no use."""
        taken, now = self.hands.taken(), time.monotonic()
        busy = self.hands.running() or not any(marks.length(producer, queue) for queue in self.queues)
        if busy or taken != self._last_taken[0]:
            self._last_taken = (taken, now)
        elif now - self._last_taken[1] > STUCK:
            log.error("worker_stuck", worker=self.name, seconds=STUCK)
            self.give_up()

    def _disconnect(self) -> None:
        if self._producer is not None:
            collect(self._producer)
            self._producer = None


# Held for a round: a child that is forked meanwhile would inherit connections and locks in any state.
between_forks = threading.Lock()
os.register_at_fork(
    before=between_forks.acquire, after_in_parent=between_forks.release, after_in_child=between_forks.release
)


@cache
def declared() -> Sequence[schedules.Schedule]:
    """Return the project's schedules. Raises TaskDefinitionError where one of them cannot be fired."""
    found: Sequence[schedules.Schedule] = import_string(settings.SCHEDULES)
    schedules.check(found)
    return found
