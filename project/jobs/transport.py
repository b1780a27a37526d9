"""The Redis transport: what a worker has taken it alone knows; see docs/decisions/0011."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

import structlog
from kombu.serialization import dumps
from kombu.transport import TRANSPORT_ALIASES, redis, virtual
from kombu.utils.encoding import bytes_to_str
from redis.exceptions import ConnectionError as ConnectionLost

log = structlog.get_logger(__name__)

NAME = "project.jobs.transport:Transport"


class QoS(cast("Any", virtual.QoS)):  # type: ignore[misc]  # the stubs know other results
    """Keeps in memory what was taken and not acknowledged."""

    def restore_unacked(self) -> list[Any]:
        """Put back what was not acknowledged, when the worker ends; what cannot be, the ledger finds."""
        unrestored = super().restore_unacked()
        if unrestored:
            log.warning("messages_not_put_back", messages=len(unrestored), error=str(unrestored[0][0]))
        return []  # else kombu would write them into a file for somebody to look at


class Channel(redis.Channel):
    """A channel that says when its connection is gone, and can put many messages at once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.QoS: Any = QoS  # the setting `ack_emulation` chose kombu's own

    def _connparams(self, *args: Any, **kwargs: Any) -> Any:
        """Return the connection's parameters.

        When Redis restarts under load, kombu 5.7 asks a channel that is closed already for them. That raises
        AttributeError, which no one takes for a lost connection: the worker exits, in one restart of three.
        """
        try:
            return super()._connparams(*args, **kwargs)  # type: ignore[misc]  # not in the stubs
        except AttributeError as error:
            raise ConnectionLost("the channel was closed while its connection was lost") from error

    def put_all(self, by_queue: Mapping[str, Sequence[str]]) -> None:
        """Put messages, as `as_text` makes them, into queues: those of a queue in one round trip."""
        for queue, texts in by_queue.items():
            self.client.lpush(queue, *texts)  # a pipeline, or a client of its own, costs more than a round trip to make


class Transport(redis.Transport):
    """Kombu's, with our channel."""

    Channel = Channel


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
