"""Publish: a thread of each process that hands committed jobs to the broker, so that no request ever waits for it.

The message carries the job's id and nothing else. The broker then holds no personal data, and who can write to it can
at most run again what the ledger knows.
"""

import atexit
import os
import queue
import threading
from collections.abc import Sequence
from typing import NamedTuple, cast
from uuid import UUID

import structlog
from celery import current_app
from celery.signals import worker_process_shutdown
from django.db import DatabaseError, connections, transaction
from django.db.models import F
from django.db.models.functions import Now
from kombu import Connection, Producer

from project.jobs import feeding
from project.jobs.models import Job, State
from project.jobs.patience import look_at_connection

log = structlog.get_logger(__name__)

BATCH = 500  # messages in one round trip; more gain nothing
BOUND = 100_000  # messages in memory; what comes beyond stays `waiting` in the ledger
GATHER = 0.01  # seconds after a batch in which the next one gathers
FLUSH = 2.0  # seconds that a normal exit waits for what is still to be published
PAUSES = (0.1, 0.5, 1.0, 2.0, 5.0)  # seconds between tries while the broker refuses; the last one repeats


class Message(NamedTuple):
    """What the broker is told of a job."""

    id: str
    task: str
    queue: str
    feed: str = ""  # which of its feed's jobs are sent is the feed's choice


def message_of(job: Job) -> Message:
    """Return the message that tells of a job."""
    return Message(str(job.id), job.task, job.queue, feed=job.feed)


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
        self._messages: queue.Queue[Message | None] = queue.Queue(self._bound)
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._closing = threading.Event()
        self._busy = threading.Lock()  # held while the thread is inside a library; see `hold`
        self._producer: Producer | None = None

    def hold(self) -> None:
        """Wait until the thread is in no library, and keep it out: before a fork.

        A child inherits every lock as it is, without the thread that would open it.
        """
        self._busy.acquire()

    def let_go(self) -> None:
        """Let the thread work again: in the parent, after a fork."""
        self._busy.release()

    def put(self, *messages: Message) -> None:
        """Take committed jobs' messages. Returns at once and raises nothing."""
        try:
            for message in messages:
                self._messages.put_nowait(message)
        except queue.Full:  # the rows say `waiting`, and recovery publishes them
            log.warning("publisher_full", jobs=len(messages), bound=self._bound)
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._closing.clear()
                self._thread = threading.Thread(target=self._work, name="publisher", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Publish what is left, for at most FLUSH seconds, and end the thread."""
        thread = self._thread
        if thread is None or not thread.is_alive():
            return
        self._closing.set()
        while True:
            try:
                self._messages.put_nowait(None)
                break
            except queue.Full:
                self._messages.get_nowait()  # makes room for the end; its row stays `waiting`
        thread.join(FLUSH)
        if not thread.is_alive():
            self.begin()

    def _work(self) -> None:
        try:
            while batch := self._next_batch():
                self._publish(batch)
                # Many small batches would take the processor from the very thread that commits.
                self._closing.wait(GATHER)
        finally:
            self._disconnect()
            connections.close_all()

    def _next_batch(self) -> list[Message]:
        """Wait for a message and take what has gathered behind it. Empty: the end."""
        batch: list[Message] = []
        message = self._messages.get()
        while message is not None:
            batch.append(message)
            if len(batch) == BATCH:
                return batch
            try:
                message = self._messages.get_nowait()
            except queue.Empty:
                return batch
        if batch:  # the end was behind these: find it again next time
            self._messages.put(None)
        return batch

    def _publish(self, batch: Sequence[Message]) -> None:
        """Send and mark; while the broker refuses, wait and try again. The rows are safe meanwhile."""
        tries = 0
        while not self._done(batch):
            pause = PAUSES[min(tries, len(PAUSES) - 1)]
            tries += 1
            if self._closing.wait(pause):
                return

    def _done(self, batch: Sequence[Message]) -> bool:
        with self._busy:
            try:
                if self._producer is None:
                    self._producer = connect()
                send(self._producer, [message for message in batch if not message.feed])
            except Exception as error:  # noqa: BLE001  the thread must outlive whatever a transport raises
                log.warning("publish_failed", jobs=len(batch), error=f"{type(error).__name__}: {error}")
                self._disconnect()
                return False
            mark_published([message for message in batch if not message.feed])
            for feed in {message.feed for message in batch if message.feed}:
                self._feed(self._producer, feed)
            return True

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


def collect(producer: Producer) -> None:
    """Let go of a producer's connection; close() would ask a frozen broker first."""
    cast("Connection", producer.connection).collect()


def connect() -> Producer:
    """Return a producer with a connection of its own. Raises what the transport raises, after one try."""
    connection = current_app.connection_for_write()
    connection.ensure_connection(max_retries=1, interval_start=0, interval_step=0)  # by itself it tries for seconds
    return Producer(connection)


def send(producer: Producer, batch: Sequence[Message]) -> None:
    """Hand messages to the broker, in one round trip where the transport can."""
    amqp = current_app.amqp
    declared: set[str] = set()  # once a batch: to see that it is done costs a fifth of sending a message
    with producer.batch(max_size=BATCH):  # type: ignore[attr-defined]  # new in kombu 5.7
        for message in batch:
            envelope = amqp.as_task_v2(message.id, message.task, argsrepr="", kwargsrepr="")
            # Whether a result is kept is the task's own setting, which this header would override.
            del envelope.headers["ignore_result"]
            producer.publish(
                envelope.body,
                headers=envelope.headers,
                serializer="json",
                routing_key=message.queue,
                # else a broker with no worker yet would drop it
                declare=[] if message.queue in declared else [amqp.queues[message.queue]],
                retry=False,
                timeout=5,
                confirm_timeout=5,
                **envelope.properties,
            )
            declared.add(message.queue)


def send_fed(producer: Producer, feed: str) -> int:
    """Send what a feed allows now. Returns the number of jobs. Holds them again, and raises, where it cannot."""
    jobs = feeding.take(feed)
    try:
        send(producer, [Message(str(job.id), job.task, job.queue) for job in jobs])
    except BaseException:
        unmark([job.id for job in jobs])
        raise
    return len(jobs)


def unmark(ids: Sequence[UUID | str]) -> None:
    """Note in the ledger that waiting jobs were not published after all."""
    Job.objects.filter(id__in=ids, state=State.WAITING).update(published_at=None)


def mark_published(batch: Sequence[Message]) -> None:
    """Note in the ledger that the broker has them. A mark that fails does no harm: a message may go out twice."""
    if not batch:
        return
    look_at_connection()
    try:
        told = Job.objects.filter(id__in=[message.id for message in batch])
        # A job that has run meanwhile and waits again is to be told of anew.
        told.exclude(state=State.WAITING, claims__gt=0).update(published_at=Now(), sends=F("sends") + 1)
    except DatabaseError as error:
        log.warning("mark_failed", jobs=len(batch), error=str(error))


publisher = Publisher()


def publish_on_commit(*messages: Message) -> None:
    """Let the publisher have the messages when the transaction around has committed, and never where it has not."""
    # robust: one bad hook must not turn a committed request into an error and drop the hooks behind it.
    transaction.on_commit(lambda: publisher.put(*messages), robust=True)


os.register_at_fork(before=publisher.hold, after_in_parent=publisher.let_go, after_in_child=publisher.begin)
atexit.register(publisher.close)


@worker_process_shutdown.connect(dispatch_uid="project.jobs.publisher.flush")
def flush(**_: object) -> None:
    """Publish what is left when a worker's child ends: it leaves by os._exit, which knows no atexit."""
    publisher.close()
