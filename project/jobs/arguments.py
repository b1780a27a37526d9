"""The arguments of an ask: what JSON and every database keep as it is, and nothing else."""

import json
import re
from collections.abc import Mapping
from typing import Any

from project.jobs.errors import EnqueueError
from project.jobs.registry import Task

LARGEST = 64_000  # bytes of arguments as JSON: ids and small values, not documents
NUL_IN_JSON = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")  # an escaped backslash before it makes it a text of six characters
NUMBERS = {int}
SAFE = frozenset((str, int, bool, type(None)))  # types whose values come back from JSON as they went in


def as_json(task: Task[..., Any], kwargs: Mapping[str, Any]) -> str:
    """Return the arguments, of parameters that the task has, as JSON. Raises EnqueueError where it cannot be kept."""
    text = numbers_as_json(kwargs) if {*map(type, kwargs.values())} == NUMBERS else any_as_json(task, kwargs)
    if len(text) > LARGEST:
        raise EnqueueError(
            f"{task.name} was given {len(text)} bytes of arguments; expected at most {LARGEST}: pass an id."
        )
    if "\\u" in text and not is_storable(json.dumps(kwargs, ensure_ascii=False)):
        raise EnqueueError(
            f"{task.name} was given text with a NUL or half a character in it, which PostgreSQL does not keep; "
            "expected text without."
        )
    return text


def numbers_as_json(kwargs: Mapping[str, int]) -> str:
    """Return whole numbers under a function's parameters as JSON: most arguments are ids.

    Before each text the library makes its encoder anew, which takes longer than all else of an ask.
    """
    return "{" + ", ".join([f'"{name}": {number}' for name, number in kwargs.items()]) + "}"


def any_as_json(task: Task[..., Any], kwargs: Mapping[str, Any]) -> str:
    """Return any arguments as JSON. Raises EnqueueError where they would not come back as they went in."""
    for name, value in kwargs.items():
        if type(value) not in SAFE and not comes_back(value):
            raise EnqueueError(
                f"{task.name} was given {name} of type {type(value).__name__}, which JSON does not keep; "
                "expected ids and small values (text, numbers, booleans, None, lists, dicts with text keys)."
            )
    return json.dumps(kwargs)


def comes_back(value: Any) -> bool:
    """Tell whether a value comes back from JSON as it went in."""
    try:
        return bool(json.loads(json.dumps(value, allow_nan=False)) == value)
    except (TypeError, ValueError):
        return False


def is_storable(text: str) -> bool:
    """Tell whether every database keeps a text, as it is or as JSON: no NUL, no half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text and not NUL_IN_JSON.search(text)
