"""An ask: one wish for a run of a task, from enqueue to its row; and what the broker is told of a job."""

import json
from dataclasses import dataclass, replace


@dataclass(slots=True)
class Message:
    """What the broker is told of a job.

    feed: which of its feed's jobs are sent is the feed's choice. alone: it is in nobody's bundle.
    """

    id: str
    task: str
    queue: str
    feed: str = ""
    alone: bool = False


@dataclass(slots=True, kw_only=True)
class Ask(Message):
    """A job that is not inserted yet.

    settle, at_most: seconds, or None where it is to run at once. kwargs: JSON. unites: see `uniting`.
    """

    kwargs: str
    about: str = ""
    key: str = ""
    asks: int = 1
    priority: int = 0
    parent: str | None = None
    depth: int = 0
    settle: float | None = None
    at_most: float | None = None
    unites: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether it is as most are, so that the shortest INSERT will do."""
        return not (self.key or self.parent or self.feed or self.priority)

    def and_again(self, other: "Ask") -> "Ask":
        """Return the ask that stands for this one and for a later one under the same key."""
        both = replace(self, asks=self.asks + other.asks)
        if self.at_most is None or other.at_most is None:
            both.settle = both.at_most = None  # what may not wait lets none of them wait
        else:
            both.settle, both.at_most = other.settle, min(self.at_most, other.at_most)
        return both

    def as_json(self) -> str:
        """Return what its row does not share with all others, as JSON."""
        if self.is_plain:
            return self._start() + (f',"about":{json.dumps(self.about)}}}' if self.about else "}")
        told: dict[str, object] = {
            "about": self.about,
            "key": self.key,
            "feed": self.feed,
            "parent": self.parent,
            "depth": self.depth,
            "priority": self.priority,
            "settle": self.settle,
            "at_most": self.at_most,
        }
        rest = json.dumps({name: value for name, value in told.items() if value is not None} | {"asks": self.asks})
        return f"{self._start()},{rest[1:]}"

    def _start(self) -> str:
        return f'{{"id":"{self.id}","task":"{self.task}","queue":"{self.queue}","kwargs":{self.kwargs}'
