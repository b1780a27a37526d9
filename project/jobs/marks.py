"""A mark that is left in the broker: where it is found no more, the broker's memory is gone, and all messages with it.

It tells at once what no age of a message could: a long queue is no loss.
"""

from typing import TYPE_CHECKING, Any, cast

from amqp.exceptions import NotFound
from kombu import Connection
from kombu.exceptions import ChannelError

from project.jobs.models import BrokerMark

if TYPE_CHECKING:
    from redis import Redis


def name() -> str:
    """Return the mark's name, made at first."""
    mark, _ = BrokerMark.objects.get_or_create(pk=1)
    return f"jobs.mark.{mark.token}"


def is_there(connection: Connection) -> bool:
    """Tell whether the broker still has the mark."""
    if client := redis_client(connection):
        return bool(client.exists(name()))
    try:
        with cast("Any", connection).channel() as asking:  # of its own: a refusal closes it
            asking.exchange_declare(name(), "direct", passive=True)
    except NotFound:
        return False
    return True


def leave(connection: Connection) -> None:
    """Leave the mark in the broker: a key, or a durable exchange that leads nowhere."""
    if client := redis_client(connection):
        client.set(name(), "1")
    else:
        cast("Any", connection.default_channel).exchange_declare(name(), "direct", durable=True, auto_delete=False)


def length(connection: Connection, queue: str) -> int:
    """Return the number of messages that wait in a queue of the broker; none where there is no such queue."""
    try:
        with cast("Any", connection).channel() as asking:
            return int(asking.queue_declare(queue, passive=True).message_count)
    except (NotFound, ChannelError):
        return 0


def redis_client(connection: Connection) -> "Redis | None":
    """Return the client of a broker that is a Redis."""
    return cast("Redis | None", getattr(connection.default_channel, "client", None))
