"""Messages: what the broker is told. A message carries the ids of its jobs and nothing else.

The broker then holds no personal data, and who can write to it can only run again what the ledger knows.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any, cast
from uuid import UUID

from celery import current_app
from kombu import Connection, Producer
from uuid_utils import uuid7

from project.jobs import feeding, transport
from project.jobs.asks import Message
from project.jobs.models import Job, State
from project.jobs.registry import registered

BATCH = 500  # messages in one round trip; more gain nothing
JOBS = "jobs"  # the header that names the jobs of a bundle; the first is the message's own
ID, TAG = "(the id)", "(the delivery)"  # where a message of its kind differs from another one


def message_of(job: Job) -> Message:
    """Return the message that tells of a job."""
    return Message(str(job.id), job.task, job.queue, feed=job.feed, alone=job.is_alone)


def connect() -> Producer:
    """Return a producer with a connection of its own. Raises what the transport raises, after one try."""
    connection = current_app.connection_for_write()
    connection.ensure_connection(max_retries=1, interval_start=0, interval_step=0)  # by itself it tries for seconds
    return Producer(connection)


def collect(producer: Producer) -> None:
    """Let go of a producer's connection; close() would ask a frozen broker first."""
    cast("Connection", producer.connection).collect()


def send(producer: Producer, batch: Sequence[Message]) -> None:
    """Hand messages to the broker, in one round trip where the transport can."""
    bundles = list(bundled(batch))
    channel = cast("Any", producer).channel
    if isinstance(channel, transport.Channel):
        put_all(channel, bundles)
    else:
        publish_each(producer, bundles)


def bundled(batch: Iterable[Message]) -> Iterator[list[Message]]:
    """Yield what goes into one message each: a job, or as many of a task and queue as the task bundles."""
    open_bundles: dict[tuple[str, str], list[Message]] = {}
    for message in batch:
        most = registered[message.task].bundle if message.task in registered else 1
        if message.alone or most == 1:
            yield [message]
            continue
        bundle = open_bundles.setdefault((message.task, message.queue), [])
        bundle.append(message)
        if len(bundle) == most:
            yield open_bundles.pop((message.task, message.queue))
    yield from open_bundles.values()


def put_all(channel: transport.Channel, bundles: Iterable[Sequence[Message]]) -> None:
    """Put messages into their queues as the transport would. A batch of one kind differs in a few words only."""
    by_queue: dict[str, list[str]] = {}
    for bundle in bundles:
        first = bundle[0]
        text = kind(first.task, first.queue, is_bundle=len(bundle) > 1).replace(ID, first.id).replace(TAG, str(uuid7()))
        if len(bundle) > 1:
            text = text.replace(f'"{JOBS}": []', f'"{JOBS}": {json.dumps([message.id for message in bundle])}')
        by_queue.setdefault(first.queue, []).append(text)
    channel.put_all(by_queue)


@cache
def kind(task: str, queue: str, *, is_bundle: bool) -> str:
    """Return a message of a task as Redis has it, with words in the place of what is its own."""
    envelope = envelope_of(ID, task, [] if is_bundle else None)
    return transport.as_text(envelope.body, envelope.headers, envelope.properties, queue, TAG)


def envelope_of(job_id: str, task: str, jobs: Sequence[str] | None) -> Any:
    """Return Celery's envelope: headers, properties, body."""
    envelope = current_app.amqp.as_task_v2(job_id, task, argsrepr="", kwargsrepr="")
    # Whether a result is kept is the task's own setting, which this header would override.
    del envelope.headers["ignore_result"]
    if jobs is not None:
        envelope.headers[JOBS] = list(jobs)
    return envelope


def publish_each(producer: Producer, bundles: Iterable[Sequence[Message]]) -> None:
    """Publish messages one after another; the broker confirms each."""
    amqp = current_app.amqp
    declared: set[str] = set()  # once a batch: to see that it is done costs a fifth of sending a message
    for bundle in bundles:
        first = bundle[0]
        envelope = envelope_of(first.id, first.task, [message.id for message in bundle] if len(bundle) > 1 else None)
        producer.publish(
            envelope.body,
            headers=envelope.headers,
            serializer="json",
            routing_key=first.queue,
            # else a broker with no worker yet would drop it
            declare=[] if first.queue in declared else [amqp.queues[first.queue]],
            retry=False,
            timeout=5,
            confirm_timeout=5,
            **envelope.properties,
        )
        declared.add(first.queue)


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
