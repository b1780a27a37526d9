"""Reads the environment: one reader per kind of value, one error for all that can be wrong with it."""

import hashlib
import os
import tempfile
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from environ import Env

BOOLEANS = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}


def refuse(name: str, found: str, expected: str) -> ImproperlyConfigured:
    """Make the error for a variable: its name, what was found, what is expected. Never shows a password."""
    return ImproperlyConfigured(f"{name} is {without_password(found)!r}; expected {expected}.")


def without_password(value: str) -> str:
    """Return the value with the password of a URL masked."""
    try:
        password = urlsplit(value).password
    except ValueError:
        return value.rsplit("@", maxsplit=1)[-1]
    return value.replace(f":{password}@", ":***@") if password else value


def text(name: str, default: str) -> str:
    """Return a string; one that is set must not be empty."""
    value = os.environ.get(name, default)
    if name in os.environ and not value:
        raise refuse(name, value, "a value, or the variable left out")
    return value


def boolean(name: str, *, default: bool) -> bool:
    """Return a truth value."""
    value = os.environ.get(name, str(default))
    if value.lower() not in BOOLEANS:
        raise refuse(name, value, "one of " + ", ".join(BOOLEANS))
    return BOOLEANS[value.lower()]


def choice(name: str, default: str, choices: Collection[str]) -> str:
    """Return one of a few words."""
    value = os.environ.get(name, default)
    if value not in choices:
        raise refuse(name, value, "one of " + ", ".join(choices))
    return value


def words(name: str, default: list[str]) -> list[str]:
    """Return a list, given with commas."""
    value = os.environ.get(name)
    return default if value is None else [word.strip() for word in value.split(",") if word.strip()]


def url(name: str, default: str, schemes: Collection[str], example: str) -> str:
    """Return a URL of one of the schemes, otherwise as it was given."""
    value = text(name, default)
    expected = f"a URL that starts with {', '.join(scheme + '://' for scheme in schemes)}, such as {example}"
    try:
        parts = urlsplit(value)
        parts.port  # noqa: B018  a property that raises ValueError where the port is no number
    except ValueError as error:
        raise refuse(name, value, expected) from error
    if parts.scheme not in schemes or not (parts.netloc or parts.path):
        raise refuse(name, value, expected)
    return value


def parsed(name: str, value: str, parse: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """Return Django's settings for a URL that `url` has let through."""
    try:
        return parse(value)
    except Exception as error:
        raise refuse(name, value, f"a URL that can be read ({error})") from error


database_settings: Callable[[str], dict[str, Any]] = Env.db_url_config
cache_settings: Callable[[str], dict[str, Any]] = Env.cache_url_config
email_settings: Callable[[str], dict[str, Any]] = Env.email_url_config

LONGEST_SOCKET_PATH = 100  # bytes; the kernel's sun_path holds 108


def socket_path(path: Path) -> Path:
    """Return the path, or a short one that stands for it where a socket could not be bound to it."""
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        return path
    folder = Path(tempfile.gettempdir()) / f"sockets-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder / hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
