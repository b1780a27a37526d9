"""The Redis transport: what a worker has taken it alone knows; see docs/decisions/0011."""

import json
from collections.abc import Mapping, Sequence
from queue import Empty
from time import monotonic
from typing import Any, cast

import structlog
from django.core.exceptions import ImproperlyConfigured
from kombu.serialization import dumps
from kombu.transport import TRANSPORT_ALIASES, redis, virtual
from kombu.utils.encoding import bytes_to_str
from redis.exceptions import ConnectionError as ConnectionLost
from redis.exceptions import ResponseError

log = structlog.get_logger(__name__)

NAME = "project.jobs.transport:Transport"


class QoS(cast("Any", virtual.QoS)):  # type: ignore[misc]  # the stubs know other results
    """Keeps in memory what was taken and not acknowledged."""

    def can_consume(self) -> bool:
        """Tell whether messages are to be taken: when there is room for so many that a round trip is worth it."""
        room = self.can_consume_max_estimate()
        return room is None or room >= max(1, int(self.channel.refill * self.prefetch_count))

    def restore_unacked(self) -> list[Any]:
        """Put back what was not acknowledged, when the worker ends; what cannot be, the ledger finds."""
        unrestored = super().restore_unacked()
        if unrestored:
            log.warning("messages_not_put_back", messages=len(unrestored), error=str(unrestored[0][0]))
        return []  # else kombu would write them into a file for somebody to look at


class Channel(cast("Any", redis.Channel)):  # type: ignore[misc]  # the stubs know half of it
    """A channel that says when its connection is gone, and puts and takes many messages in one round trip.

    refill: which share of the messages that it may have in hand is missing when it takes more, and then all that are;
        an option of the transport. 0: it takes each as soon as there is room for it.
    """

    refill = 0.0
    from_transport_options = (*redis.Channel.from_transport_options, "refill")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.QoS: Any = QoS  # the setting `ack_emulation` chose kombu's own

    def _connparams(self, *args: Any, **kwargs: Any) -> Any:
        """Return the connection's parameters.

        When Redis restarts under load, kombu 5.7 asks a channel that is closed already for them. That raises
        AttributeError, which no one takes for a lost connection: the worker exits, in one restart of three.
        """
        try:
            return super()._connparams(*args, **kwargs)
        except AttributeError as error:
            raise ConnectionLost("the channel was closed while its connection was lost") from error

    def _brpop_start(self, timeout: float | None = None) -> None:
        """Ask for as many messages as there is room for, of the queue whose turn it is."""
        queues = self._queue_cycle.consume(len(self.active_queues))
        if not queues:
            return  # a signal to end came while it connected: Redis would refuse to ask none, and the worker fail
        count = (self.refill and self.qos.can_consume_max_estimate()) or 1
        self._in_poll, self._brpop_sent_at = self.client.connection, monotonic()
        seconds = timeout or self.brpop_timeout
        self._in_poll.send_command("BLMPOP", seconds, len(queues), *queues, "RIGHT", "COUNT", count)

    def _brpop_read(self, **options: Any) -> bool:
        """Take the messages that were asked for. Raises Empty where there are none, and what the connection raises."""
        try:
            found = self.client.parse_response(self.client.connection, "BLMPOP", **options)
        except self.connection_errors:
            self.client.connection.disconnect()  # so that the next time connects anew
            raise
        except ResponseError as error:
            if "unknown command" not in str(error):
                raise
            raise ImproperlyConfigured(f"The broker says {error}; expected Redis 7 or newer, or Valkey.") from error
        finally:
            self._in_poll = None
            self._flush_brpop_reauth()
        if not found:
            raise Empty
        queue = bytes_to_str(found[0])
        self._queue_cycle.rotate(queue)
        for text in found[1]:
            if message := readable(text):
                self.connection._deliver(message, queue)  # noqa: SLF001  as kombu's own
            else:
                log.error("message_unreadable", queue=queue, found=repr(text)[:200], expected="Celery's JSON")
        return True

    def put_all(self, by_queue: Mapping[str, Sequence[str]]) -> None:
        """Put messages, as `as_text` makes them, into queues: those of a queue in one round trip."""
        for queue, texts in by_queue.items():
            self.client.lpush(queue, *texts)  # a pipeline, or a client of its own, costs more than a round trip to make


class Transport(redis.Transport):
    """Kombu's, with our channel."""

    Channel = Channel


def readable(text: bytes) -> Any:
    """Return a message that a queue in Redis has, or None for what is none: one stray text must not end a worker."""
    try:
        message = json.loads(text)
        return message if "delivery_tag" in message["properties"] else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def as_text(body: Any, headers: Mapping[str, Any], properties: Mapping[str, Any], queue: str, tag: str) -> str:
    """Return a message as a queue in Redis has it; as `basic_publish` of kombu.transport.virtual.base."""
    content_type, encoding, data = dumps(body, serializer="json")
    text, body_encoding = virtual.Base64().encode(data), "base64"
    own = {"delivery_mode": 2, "delivery_info": {"exchange": "", "routing_key": queue}, "priority": 0}
    return json.dumps(
        {
            "body": bytes_to_str(text),
            "content-encoding": encoding,
            "content-type": content_type,
            "headers": dict(headers),
            "properties": {**properties, **own, "body_encoding": body_encoding, "delivery_tag": tag},
        }
    )


def install() -> None:
    """Let every URL of a Redis lead to it."""
    TRANSPORT_ALIASES.update(dict.fromkeys(("redis", "rediss"), NAME))
