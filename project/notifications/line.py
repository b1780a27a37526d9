"""One connection to the mail server, or to a provider's interface: what it is doing, and since when."""

import math
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from mmap import mmap
from typing import Any

from django.core.mail import EmailMessage, get_connection

from project.notifications import accepted
from project.notifications.replies import Refused

IDLE = 20.0  # seconds; servers close after minutes, and count who holds connections without use
LONGEST = 40.0  # seconds for one mail; the queue's soft limit is 45, and the lease ends after 90
PARTING = 2.0  # seconds that a server has to say goodbye


class Line:
    """One thread's connection.

    busy: held while it is used. since: when that, or its idleness, began. mails: how many it took since it was opened.
    is_given: whether a provider may have the present mail.
    """

    def __init__(self) -> None:
        self.backend, self.owner = get_connection(), threading.current_thread()
        self.busy, self.since, self.mails = threading.Lock(), time.monotonic(), 0
        self.is_given = False

    def hand_over(self, message: EmailMessage, page: mmap, before: Callable[[], None]) -> dict[str, str]:
        """Send a mail. Returns what is to be kept of it, which is on the page then."""
        with self.busy:
            self.since, self.is_given = time.monotonic(), False
            self.backend.open()
            if self.told:
                self.told.page, self.told.before = page, before
            else:
                before()
                self.is_given = True
            if not self.backend.send_messages([message]):
                raise Refused("The mail has no recipient")
            self.mails, self.since = self.mails + 1, time.monotonic()
            status = getattr(message, "anymail_status", None)
            provider_id = getattr(status, "message_id", None)
            said = {
                "answer": getattr(self.told, "answer", ""),
                "provider_id": "" if provider_id is None else str(provider_id),
            }
            if not self.told:
                accepted.note(page, **said)
            return said

    @property
    def told(self) -> Any:
        """Return the SMTP connection, where there is one."""
        return getattr(self.backend, "told", None)

    @property
    def may_have_it(self) -> bool:
        """Tell whether the server may have taken a mail without saying so. Of a provider's interface nobody knows."""
        return self.told.may_have_it if self.told else self.is_given

    @property
    def is_late(self) -> bool:
        """Tell whether the server has had a mail for longer than a reply may take."""
        return time.monotonic() > getattr(self.told, "late_at", math.inf)

    @property
    def is_gone(self) -> bool:
        """Tell whether smtplib has closed the connection, as where the server hangs up after a refusal."""
        return bool(self.told) and self.told.sock is None

    def look(self) -> bool:
        """Close it if it is idle, cut it off if it takes too long. Returns whether it is still somebody's."""
        age = time.monotonic() - self.since
        if not self.busy.acquire(blocking=False):
            if hasattr(self.backend, "abort") and (age > LONGEST or self.is_late):
                self.backend.abort()
            return True
        try:
            if age > IDLE or not self.owner.is_alive():
                self.close()
        finally:
            self.busy.release()
        return self.owner.is_alive()

    def close(self) -> None:
        """Part from the server."""
        self.mails = 0
        with suppress(OSError):
            if sock := getattr(self.told, "sock", None):
                sock.settimeout(PARTING)
            self.backend.close()

    def drop(self) -> None:
        """Let go of a connection that failed, without a word where that could take long."""
        getattr(self.backend, "drop", self.backend.close)()
