"""Patience with the database: what is safe to do again is tried again while it is away."""

import time
from collections.abc import Callable
from typing import TypeVar

import structlog
from django.db import InterfaceError, OperationalError, close_old_connections, transaction

R = TypeVar("R")

log = structlog.get_logger(__name__)

AWAY = (OperationalError, InterfaceError)  # also: a deadlock, a serialization failure, a full disk
LONGEST = 15.0  # seconds; a restart takes a few
PAUSE = 0.25  # seconds between tries


def look_at_connection() -> None:
    """Let a kept connection that has died be replaced: Celery does not look, and only a request makes Django look."""
    if not transaction.get_connection().in_atomic_block:
        close_old_connections()


def patiently(step: Callable[[], R]) -> R:
    """Do a step, and again while the database is away. Raises what the database says, after LONGEST seconds.

    The connection is not looked at before: that would be a round trip for each job.
    The step must be safe to repeat: its last try may have been committed though it failed.
    """
    deadline = time.monotonic() + LONGEST
    pause = 0.0  # at first: mostly it is a kept connection that has died
    while True:
        try:
            return step()
        except AWAY as error:
            if transaction.get_connection().in_atomic_block or time.monotonic() > deadline:
                raise
            log.warning("database_away", error=f"{type(error).__name__}: {error}".strip())
        time.sleep(pause)
        look_at_connection()
        pause = PAUSE
