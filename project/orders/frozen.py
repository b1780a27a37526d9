"""The content of an invoice as text: one way to write it, so that its hash can be checked for ever."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, fields, is_dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from project.orders.content import Content


def to_json(content: Content) -> str:
    """Write the content: keys in order, no spaces, amounts as decimal text with the digits that they have."""
    return json.dumps(asdict(content), sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=plain)


def plain(value: Decimal | date) -> str:
    """Write a value that JSON has no kind for."""
    return f"{value:f}" if isinstance(value, Decimal) else value.isoformat()


def from_json(text: str) -> Content:
    """Read what `to_json` wrote; what it did not know yet gets its default."""
    content: Content = read(Content, json.loads(text))
    return content


def read(kind: Any, value: Any) -> Any:
    """Return the value as the annotated type that it was written from."""
    if isinstance(kind, type) and is_dataclass(kind):
        return kind(**{name: read(each, value[name]) for name, each in hints(kind).items() if name in value})
    if get_origin(kind) is tuple:
        return tuple(read(get_args(kind)[0], each) for each in value)
    if isinstance(kind, UnionType):  # something or None
        return None if value is None else read(get_args(kind)[0], value)
    return date.fromisoformat(value) if kind is date else kind(value)


@cache
def hints(kind: type) -> Mapping[str, Any]:
    """Return the type of each field."""
    types = get_type_hints(kind)
    return {field.name: types[field.name] for field in fields(kind)}


def digest(previous: str, text: str) -> str:
    """Return the SHA-256 of an invoice: over its predecessor's, so that none can be taken out or put in between."""
    return hashlib.sha256((previous + text).encode()).hexdigest()
