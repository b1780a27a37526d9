"""Reads the environment: one reader per kind of value, one error for all that can be wrong with it."""

import hashlib
import os
import tempfile
from collections.abc import Callable, Collection
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ImproperlyConfigured
from environ import Env

BOOLEANS = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}


def refuse(name: str, found: str, expected: str) -> ImproperlyConfigured:
    """Make the error for a variable: its name, what was found, what is expected. Never shows a password."""
    return ImproperlyConfigured(f"{name} is {without_password(found)!r}; expected {expected}.")


def without_password(value: str) -> str:
    """Return the value with the password of a URL masked, or a provider's settings: one is its password."""
    if value.startswith("anymail:"):
        return value.partition("?")[0]
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


def folder(name: str, default: Path) -> Path:
    """Return where something is kept. It need not be there yet."""
    path = Path(text(name, str(default)))
    if not path.is_absolute() or (os.path.exists(path) and not os.path.isdir(path)):
        raise refuse(name, str(path), "the absolute path of a folder, which is made where it is missing")
    return path


def boolean(name: str, *, default: bool) -> bool:
    """Return a truth value."""
    value = os.environ.get(name, str(default))
    if value.lower() not in BOOLEANS:
        raise refuse(name, value, "one of " + ", ".join(BOOLEANS))
    return BOOLEANS[value.lower()]


def whole_number(name: str, default: int) -> int:
    """Return a number that is not negative."""
    value = os.environ.get(name, str(default))
    if not (value.isascii() and value.isdigit()):
        raise refuse(name, value, "a whole number, 0 or more")
    return int(value)


def seconds(name: str, default: float) -> float:
    """Return a number of seconds."""
    value = os.environ.get(name, str(default))
    try:
        number = float(value)
    except ValueError:
        number = -1
    if not 0 <= number < float("inf"):
        raise refuse(name, value, "seconds, a number that is not negative")
    return number


def time_zone(name: str, default: str) -> str:
    """Return the name of a time zone."""
    value = os.environ.get(name, default)
    try:
        return ZoneInfo(value).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise refuse(name, value, "a time zone such as UTC or Europe/Berlin") from error


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


def all_of(prefix: str) -> dict[str, str]:
    """Return all variables that start so and are not empty, by the rest of their names: what a package reads itself."""
    found = {name: value for name, value in os.environ.items() if name.startswith(prefix) and value}
    return {name.removeprefix(prefix): value for name, value in found.items()}


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


def optional_url(name: str, schemes: Collection[str], example: str) -> str:
    """Return a URL likewise, or nothing where the variable is left out or empty, as compose files pass it on."""
    return url(name, "", schemes, example) if os.environ.get(name) else ""


def parsed(name: str, value: str, parse: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """Return Django's settings for a URL that `url` has let through."""
    try:
        return parse(value)
    except Exception as error:
        raise refuse(name, value, f"a URL that can be read ({error})") from error


database_settings: Callable[[str], dict[str, Any]] = Env.db_url_config
cache_settings: Callable[[str], dict[str, Any]] = Env.cache_url_config


def email_settings(url: str) -> dict[str, Any]:
    """Return Django's settings for a mail server, a folder, or a provider: anymail://PROVIDER?SETTING=VALUE.

    The settings of a provider are those that django-anymail has for it, such as
    anymail://mailgun?api_key=KEY&sender_domain=mg.example.com. Raises ImproperlyConfigured, ValueError.
    """
    parts = urlsplit(url)
    if parts.scheme == "anymail":
        given = dict(parse_qsl(parts.query))
        if len(given) != len(list(filter(None, parts.query.split("&")))):
            raise ValueError("behind the ? go NAME=VALUE, each name once, with & between them")
        return provider_settings(parts.netloc, given)
    found: dict[str, Any] = Env.email_url_config(url)
    if parts.scheme == "filemail":
        return found | {"EMAIL_FILE_PATH": parts.path}  # the library drops the slash that makes it absolute
    return found | {"EMAIL_BACKEND": "project.notifications.smtp.EmailBackend"}


def provider_settings(provider: str, given: dict[str, str]) -> dict[str, Any]:
    """Return Django's settings for a provider that django-anymail knows."""
    if not provider.isidentifier() or find_spec(f"anymail.backends.{provider}") is None:
        raise ValueError("there is no such provider in django-anymail")
    named = {name if name == "webhook_secret" else f"{provider}_{name}": value for name, value in given.items()}
    return {
        "EMAIL_BACKEND": f"anymail.backends.{provider}.EmailBackend",
        "ANYMAIL": {"REQUESTS_TIMEOUT": 15} | {name.upper(): value for name, value in named.items()},
    }


def store_settings(value: str) -> dict[str, Any]:
    """Return Django's settings for media in a bucket of an S3-compatible store.

    s3://key:secret@host[:port]/bucket, with ?region= where the store has some; s3+http:// without encryption.
    """
    parts = urlsplit(value)
    bucket = parts.path.strip("/")
    if not bucket or "/" in bucket or not parts.username or not parts.password:
        raise ValueError("it needs a key, a secret and a bucket")
    host = parts.netloc.rpartition("@")[2]
    options = {
        "access_key": unquote(parts.username),
        "secret_key": unquote(parts.password),
        "bucket_name": bucket,
        "endpoint_url": f"{'http' if parts.scheme == 's3+http' else 'https'}://{host}",
        "region_name": dict(parse_qsl(parts.query)).get("region", "us-east-1"),
    }
    return {"BACKEND": "project.buckets.BucketStorage", "OPTIONS": options}


LONGEST_SOCKET_PATH = 100  # bytes; the kernel's sun_path holds 108


def socket_path(path: Path) -> Path:
    """Return the path, or a short one that stands for it where a socket could not be bound to it."""
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        return path
    folder = Path(tempfile.gettempdir()) / f"sockets-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder / hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
