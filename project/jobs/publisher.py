"""Publish: a thread of each process that hands committed jobs to the broker, so that no request ever waits for it."""

import atexit
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

import structlog
from celery.signals import worker_process_shutdown
from django.db import Error, connection, connections, transaction
from kombu import Producer

from project.jobs import statements
from project.jobs.asks import Message
from project.jobs.messages import BATCH, collect, connect, send, send_fed
from project.jobs.patience import look_at_connection

log = structlog.get_logger(__name__)

BOUND = 100_000  # messages in memory; what comes beyond stays `waiting` in the ledger
REST = 0.005  # seconds after a batch, in which the next one gathers
LONG_REST = 0.02  # the same while many come: many small batches would take the processor from whoever commits them
MANY = 3  # messages that gather in a rest where somebody saves in a loop
MARK = 0.5  # seconds in which those that were sent gather, until the ledger is told; recovery waits for longer
FLUSH = 2.0  # seconds that a normal exit waits for what is still to be published
PAUSES = (0.1, 0.5, 1.0, 2.0, 5.0)  # seconds between tries while the broker refuses; the last one repeats


class Publisher:
    """Collects messages from any thread and publishes them from its own.

    The thread starts with the first message, so after a fork of the web server or the worker, and never in a process
    that enqueues nothing.
    """

    def __init__(self, bound: int = BOUND) -> None:
        self._bound = bound
        self.begin()

    def begin(self) -> None:
        """Start anew, with nothing: also in a forked child, whose parent keeps the messages and the connection."""
        self._messages: deque[Message] = deque()
        self._sent: list[Message] = []  # and not yet marked
        self._mark_at = 0.0
        self._thread: threading.Thread | None = None
        self._changed = threading.Condition()
        self._closing = threading.Event()
        self._busy = threading.Lock()  # held while the thread is inside a library; see `hold`
        self._producer: Producer | None = None

    @property
    def is_idle(self) -> bool:
        """Whether nothing is left to be sent or marked."""
        with self._busy:
            return not self._messages and not self._sent

    def hold(self) -> None:
        """Wait until the thread is in no library, and keep it out: before a fork.

        A child inherits every lock as it is, without the thread that would open it.
        """
        self._busy.acquire()

    def let_go(self) -> None:
        """Let the thread work again: in the parent, after a fork."""
        self._busy.release()

    def put(self, messages: Sequence[Message]) -> None:
        """Take committed jobs' messages. Returns at once and raises nothing."""
        with self._changed:
            room = self._bound - len(self._messages)
            if len(messages) > room:  # the rows say `waiting`, and recovery publishes them
                log.warning("publisher_full", jobs=len(messages) - room, bound=self._bound)
            self._messages.extend(messages[:room])
            self._changed.notify()
            if self._thread is None or not self._thread.is_alive():
                self._closing.clear()
                self._thread = threading.Thread(target=self._work, name="publisher", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Publish what is left, for at most FLUSH seconds, and end the thread."""
        thread = self._thread
        if thread is None or not thread.is_alive():
            return
        with self._changed:
            self._closing.set()
            self._changed.notify()
        thread.join(FLUSH)
        if not thread.is_alive():
            self.begin()

    def _work(self) -> None:
        try:
            while self._wait():
                rest = REST if len(self._messages) < MANY else LONG_REST
                self._publish()
                if self._sent and (self._closing.is_set() or time.monotonic() >= self._mark_at):
                    self._mark()
                self._closing.wait(rest)
        finally:
            connections.close_all()

    def _wait(self) -> bool:
        """Wait until there is something to do. Returns whether there is, or the end has come."""
        with self._changed:
            until_mark = max(0.0, self._mark_at - time.monotonic()) if self._sent else None
            self._changed.wait_for(lambda: self._messages or self._closing.is_set(), until_mark)
            if self._messages or self._sent:
                return True
            self._disconnect()
            self._thread = None  # whoever puts something from now on starts another one
            return False

    def _publish(self) -> None:
        """Send what has gathered; while the broker refuses, wait and try again. The rows are safe meanwhile."""
        tries = 0
        while self._messages and not self._send():
            pause = PAUSES[min(tries, len(PAUSES) - 1)]
            tries += 1
            if self._closing.wait(pause):
                self._messages.clear()
                return

    def _send(self) -> bool:
        """Send a batch. Returns whether it went well; where not, it is the next one again."""
        with self._busy:
            # Left in place until they are sent: else there would be room for more, and those that fail had none.
            batch = [self._messages[each] for each in range(min(BATCH, len(self._messages)))]
            sent = [message for message in batch if not message.feed]
            try:
                self._producer = self._producer or connect()
                send(self._producer, sent)
            except Exception as error:  # noqa: BLE001  the thread must outlive whatever a transport raises
                log.warning("publish_failed", jobs=len(batch), error=f"{type(error).__name__}: {error}")
                self._disconnect()
                return False
            for _ in batch:
                self._messages.popleft()
            if not self._sent:
                self._mark_at = time.monotonic() + MARK
            self._sent += sent
            for feed in {message.feed for message in batch if message.feed}:
                self._feed(self._producer, feed)
            return True

    def _mark(self) -> None:
        with self._busy:
            mark_published(self._sent)
            self._sent = []

    def _feed(self, producer: Producer, feed: str) -> None:
        """Send what a feed allows now. What cannot be sent is tried again by recovery."""
        look_at_connection()
        try:
            send_fed(producer, feed)
        except Exception as error:  # noqa: BLE001  as above
            log.warning("feed_failed", feed=feed, error=f"{type(error).__name__}: {error}")
            self._disconnect()

    def _disconnect(self) -> None:
        if self._producer is not None:
            collect(self._producer)
            self._producer = None


def mark_published(batch: Sequence[Message]) -> None:
    """Note in the ledger that the broker has them, of those that still wait: most have been claimed by now.

    A mark that fails does no harm: a message may go out twice.
    """
    look_at_connection()
    vendor = connection.vendor
    try:
        with connection.cursor() as cursor:
            ids = statements.ids(vendor, [message.id for message in batch])
            cursor.execute(statements.mark_published(vendor), [ids])
    except Error as error:
        log.warning("mark_failed", jobs=len(batch), error=str(error))


publisher = Publisher()


def publish_on_commit(committed: Callable[[], Sequence[Message]]) -> None:
    """Let the publisher have the messages when the transaction around has committed, and never where it has not.

    committed: returns them; it is asked then.
    """

    def publish() -> None:
        publisher.put(committed())

    # robust: one bad hook must not turn a committed request into an error and drop the hooks behind it.
    transaction.on_commit(publish, robust=True)


os.register_at_fork(before=publisher.hold, after_in_parent=publisher.let_go, after_in_child=publisher.begin)
atexit.register(publisher.close)


@worker_process_shutdown.connect(dispatch_uid="project.jobs.publisher.flush")
def flush(**_: object) -> None:
    """Publish what is left when a worker's child ends: it leaves by os._exit, which knows no atexit."""
    publisher.close()
