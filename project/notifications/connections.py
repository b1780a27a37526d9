"""Connections to the mail server: one for each thread, kept from mail to mail, closed when it is idle.

A mail over a kept connection waits for four replies of the server instead of seven. Nobody can stop a thread, so a
watch cuts off what takes too long.
"""

import os
import threading
import time
from collections.abc import Callable
from mmap import mmap

import structlog
from django.conf import settings
from django.core.mail import EmailMessage

from project.notifications.line import Line
from project.notifications.replies import CLOSING, Unclear, code_of

log = structlog.get_logger(__name__)

LOOK = 1.0  # seconds between two looks of the watch


class Lines(threading.local):
    """What a thread has."""

    line: Line | None = None


_here = Lines()
_all: set[Line] = set()
_guard = threading.Lock()  # of the set, and of whether it has a watch
_watched = False


def hand_over(message: EmailMessage, page: mmap, before: Callable[[], None]) -> dict[str, str]:
    """Send a mail over this thread's connection. Returns what is to be kept of it: the server's answer.

    page: has that in the instant in which it is known; see `accepted`.
    before: called when only the mail itself is left to be sent; what it raises keeps it back.
    Where a kept connection turns out to be closed it goes over a new one; but not where the server may have it.
    """
    line = mine()
    was_kept = bool(line.mails)
    try:
        return line.hand_over(message, page, before)
    except Exception as error:
        is_cut, unclear = line.is_gone or code_of(error) in (0, CLOSING), line.may_have_it
        if is_cut or not was_kept:
            forget(line)
        if is_cut and was_kept and not unclear and isinstance(error, OSError):
            return hand_over(message, page, before)
        if is_cut and unclear and settings.MAIL_AT_MOST_ONCE:
            raise Unclear(f"The mail server was given the mail, and did not answer: {type(error).__name__}") from error
        raise


def mine() -> Line:
    """Return this thread's line."""
    global _watched  # noqa: PLW0603  one for the process
    with _guard:
        line = _here.line
        if line is None or line not in _all:
            line = _here.line = Line()
            _all.add(line)
        if not _watched:
            threading.Thread(target=look_after, name="mail-watch", daemon=True).start()
            _watched = True
        return line


def forget(line: Line) -> None:
    """Let go of a line for good."""
    with _guard:
        _all.discard(line)
    line.drop()


def close() -> None:
    """Let go of all lines."""
    for line in list(_all):
        forget(line)


def look_after() -> None:
    """Look at all lines again and again, until there are none. Nothing else ends a wait for a reply to a mail."""
    global _watched  # noqa: PLW0603  one for the process
    while True:
        time.sleep(LOOK)
        left = {line for line in list(_all) if not looked_at(line)}
        with _guard:
            _all.difference_update(left)
            _watched = bool(_all)
            if not _watched:
                return


def looked_at(line: Line) -> bool:
    """Look at a line. Returns whether it is still to be looked at; whatever goes wrong, the watch goes on."""
    try:
        return line.look()
    except Exception as error:  # noqa: BLE001
        log.warning("mail_line_failed", error=f"{type(error).__name__}: {error}")
        return True


def start_anew() -> None:
    """Have nothing of the parent's after a fork: two processes cannot share a connection."""
    global _guard, _watched
    _guard, _watched = threading.Lock(), False
    _all.clear()


os.register_at_fork(after_in_child=start_anew)
