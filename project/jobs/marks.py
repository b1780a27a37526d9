"""A mark that is left in the broker: where it is found no more, the broker's memory is gone, and all messages with it.

It tells at once what no age of a message could: a long queue is no loss. It is a message in a queue of its own that
nobody consumes, so that every transport can keep it.
"""

from typing import Any, cast

from kombu import Connection, Producer, Queue
from kombu.exceptions import ChannelError

from project.jobs.models import BrokerMark


def name() -> str:
    """Return the name of the mark's queue, made at first."""
    mark, _ = BrokerMark.objects.get_or_create(pk=1)
    return f"jobs.mark.{mark.token}"


def is_there(producer: Producer) -> bool:
    """Tell whether the broker still has the mark."""
    return length(producer, name()) > 0


def leave(producer: Producer) -> None:
    """Leave the mark in the broker."""
    producer.publish({}, routing_key=name(), declare=[Queue(name())], serializer="json")


def length(producer: Producer, queue: str) -> int:
    """Return the number of messages that wait in a queue of the broker; none where there is no such queue."""
    connection: Any = cast("Connection", producer.connection)
    try:
        with connection.channel() as asking:  # of its own: a refusal closes it
            return int(asking.queue_declare(queue, passive=True).message_count)
    except ChannelError:
        return 0
