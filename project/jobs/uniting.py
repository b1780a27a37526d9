"""Unite: asks that fold have subjects of their own, and the run that stands for them takes the subjects of all.

The parameters of such a task are lists of subjects, such as ids or days. Whoever folds writes the united lists into the
leader's arguments, in the transaction that folds: whatever dies before or after, each subject is in a job that waits,
runs or has run.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from project.jobs.arguments import LARGEST
from project.jobs.registry import Task

Subject = str | int


class Subjects:
    """The arguments of a job that grow: each subject once, in the order in which they came."""

    def __init__(self) -> None:
        self._lists: dict[str, dict[Subject, None]] = {}
        self._size = len("{}")

    def add(self, kwargs: Mapping[str, Sequence[Subject]]) -> bool:
        """Add the subjects of one more, or none where all would be more than a job may have. Returns whether it did."""
        new = {
            name: [each for each in dict.fromkeys(values) if each not in self._lists.get(name, ())]
            for name, values in kwargs.items()
        }
        # A little more than it will be: a name is counted each time that its list grows.
        size = self._size + sum(len(json.dumps({name: values})) for name, values in new.items() if values)
        if size > LARGEST:
            return False
        self._size = size
        for name, values in new.items():
            self._lists.setdefault(name, {}).update(dict.fromkeys(values))
        return True

    @property
    def kwargs(self) -> dict[str, list[Subject]]:
        """The arguments."""
        return {name: list(values) for name, values in self._lists.items()}


def united(texts: Sequence[str]) -> str:
    """Return the arguments, as JSON, that stand for all of these, which together are no longer than a job's may be."""
    lists: dict[str, dict[Subject, None]] = {}
    for text in texts:
        for name, values in json.loads(text).items():
            lists.setdefault(name, {}).update(dict.fromkeys(values))
    return json.dumps({name: list(values) for name, values in lists.items()})


def can_unite(task: Task[..., Any], kwargs: Any) -> bool:
    """Tell whether arguments are lists that the task takes: they may be of an older release, or edited by hand."""
    return (
        isinstance(kwargs, dict)
        and task.takes(kwargs)
        and all(isinstance(values, list) for values in kwargs.values())
        and all(isinstance(each, (str, int)) for values in kwargs.values() for each in values)
    )
