"""The Redis transport, with one error made tellable.

When Redis restarts under load, kombu 5.7 asks a channel that is closed already for its connection's parameters, while
it acknowledges or restores messages. That raises AttributeError, which no one takes for a lost connection: the worker
exits, in one restart of three. As redis' own ConnectionError it is one, and the worker connects again.
"""

from typing import Any

from kombu.transport import TRANSPORT_ALIASES, redis
from redis.exceptions import ConnectionError as ConnectionLost

NAME = "project.jobs.transport:Transport"


class Channel(redis.Channel):
    """A channel that says when its connection is gone."""

    def _connparams(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super()._connparams(*args, **kwargs)  # type: ignore[misc]  # not in the stubs
        except AttributeError as error:
            raise ConnectionLost("the channel was closed while its connection was lost") from error


class Transport(redis.Transport):
    """Kombu's, with our channel."""

    Channel = Channel


def install() -> None:
    """Let every URL of a Redis lead to it."""
    TRANSPORT_ALIASES.update(dict.fromkeys(("redis", "rediss"), NAME))
