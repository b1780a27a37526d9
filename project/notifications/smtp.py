"""Django's way to a mail server, which also tells what the server answered and how far a mail had come."""

import math
import smtplib
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from mmap import PAGESIZE, mmap
from typing import Any

from django.core.mail.backends import smtp

GOES_AHEAD = 354  # RFC 5321, 4.2.3: the mail itself may come; until the next reply nobody knows who has it


class Landing:
    """What smtplib reads the reply to a mail from, line by line: it comes straight into a page that outlives us.

    The thread waits inside the kernel's `recv`, which asks neither for Python's lock nor for us before it writes.
    """

    def __init__(self, file: Any, sock: socket.socket, page: mmap) -> None:
        self._file, self._sock, self._page = file, sock, page
        self._text, self._filled = bytearray(), 0

    def readline(self, most: int) -> bytes:
        """Return the next line; or what there is of it where the connection ended, or where it is too long."""
        while b"\n" not in self._text and len(self._text) < most and (more := self._more()):
            self._text += more
        line, newline, rest = self._text.partition(b"\n")
        self._text = rest
        return bytes(line + newline)

    def _more(self) -> bytes:
        """Wait for more of the reply. What there is no room for is not kept: its first words say enough."""
        start = self._filled
        if start == len(self._page):
            return self._sock.recv(PAGESIZE)
        with memoryview(self._page) as page, page[start:] as room:  # an error must not hold on to the page
            self._filled += self._sock.recv_into(room)
        return self._page[start : self._filled]

    def close(self) -> None:
        """Close what smtplib read from before."""
        self._file.close()


class Told(smtplib.SMTP):
    """A connection that remembers. answer: to the last mail. may_have_it: whether the server may have it unanswered.

    before: called when only the next mail itself is left to be sent; what it raises keeps it back.
    page: where the answer to it is to land, if anywhere; that wait has no timeout of its own.
    late_at: when it is too long, by `time.monotonic`; somebody else is to cut it then.
    """

    answer = ""
    may_have_it = False
    before: Callable[[], None] = staticmethod(lambda: None)
    page: mmap | None = None
    late_at = math.inf
    file: Any
    sock: Any

    def getreply(self) -> tuple[int, bytes]:
        """Return the next reply."""
        lands = self.page if self.may_have_it else None
        try:
            code, words = self._landed(lands) if lands else super().getreply()
        except smtplib.SMTPResponseException as error:
            # smtplib's own 500 for a line that is too long; it has closed the connection, and no server said so.
            raise smtplib.SMTPServerDisconnected("A line of the reply is too long") from error
        self.may_have_it = code == GOES_AHEAD
        return code, words

    def _landed(self, page: mmap) -> tuple[int, bytes]:
        """Return the reply to a mail."""
        file, seconds = self.file, self.sock.gettimeout()
        self.file, self.late_at = Landing(file, self.sock, page), time.monotonic() + (seconds or math.inf)
        self.sock.settimeout(None)  # else each wait is `poll`, and after it one for Python's lock
        try:
            return super().getreply()
        finally:
            self.late_at = math.inf
            if self.sock:
                self.sock.settimeout(seconds)
                self.file = file

    def data(self, msg: Any) -> tuple[int, bytes]:
        """Hand over a mail."""
        self.before()
        if self.page:
            self.page[:] = bytes(len(self.page))  # so that it is in memory, and holds nothing of a try before
        try:
            code, words = super().data(msg)
        except smtplib.SMTPDataError:  # the one refusal after which smtplib leaves the server waiting for this mail
            with suppress(smtplib.SMTPServerDisconnected):
                self.rset()
            raise
        self.answer = f"{code} {words.decode('utf-8', 'replace')}"
        return code, words


class ToldSSL(Told, smtplib.SMTP_SSL):
    """The same, encrypted from the first byte."""


class EmailBackend(smtp.EmailBackend):
    """One connection to the mail server."""

    connection: Told | None
    _partial_connection: Told | None

    @property
    def connection_class(self) -> type[Told]:
        """Return how to connect."""
        return ToldSSL if self.use_ssl else Told

    @property
    def told(self) -> Told | None:
        """Return the connection, such as it is."""
        return self.connection or self._partial_connection

    def abort(self) -> None:
        """Cut the connection, in whatever it is: also from another thread, to end a wait for the server."""
        if sock := getattr(self.told, "sock", None):  # asked for once: its thread may let go of it meanwhile
            with suppress(OSError):
                socket.socket.shutdown(sock, socket.SHUT_RDWR)  # an SSLSocket's own would forget its keys

    def drop(self) -> None:
        """Let go of the connection without a word: a server that hangs would let the word wait too."""
        if self.told:
            smtplib.SMTP.close(self.told)
        self.connection = self._partial_connection = None
