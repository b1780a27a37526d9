"""A mail server that notes each mail before it says "accepted", and that can be away, hang or refuse."""

import asyncio
import hashlib
import json
import logging
import os
import re
import socket
import time
from email import message_from_bytes, policy

from aiosmtpd.controller import Controller

logging.getLogger("mail.log").setLevel(logging.WARNING)  # by default it writes a dozen lines for each mail
TOKEN = re.compile(r"token-\w+-\d+")


class Sink(Controller):
    """Its journal has one line a mail: when, Message-ID, to whom, subject, comment's token, hash of the attachment."""

    def __init__(self, path):
        self.mode, self.path, self.answers = "takes", path, asyncio.Event()
        self.answers.set()
        self.file = appended(path)
        self.socket = bound(0)
        super().__init__(self, hostname="127.0.0.1", port=self.socket.getsockname()[1])

    def _create_server(self):
        return self.loop.create_server(self._factory_invoker, sock=self.socket)

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802  aiosmtpd's name
        if self.mode != "takes":
            return "451 not now"
        note(self.file, line_of(envelope.original_content))
        return "250 kept"

    async def handle_MAIL(self, _server, _session, envelope, address, options):  # noqa: N802  aiosmtpd's name
        await self.answers.wait()
        if self.mode != "takes":
            return "451 not now"
        envelope.mail_from = address
        envelope.mail_options += options
        return "250 OK"

    def turn(self, mode):
        """Take mails ("takes"), refuse them ("refuses", "away"), or hang before the first word about one ("hangs")."""
        self.mode = mode
        self.loop.call_soon_threadsafe(self.answers.clear if mode == "hangs" else self.answers.set)

    def leave(self):
        """Be away: nobody listens. Who is connected may finish, so that no mail is both noted and refused."""
        self.loop.call_soon_threadsafe(self.server.close)

    def come_back(self):
        """Listen again, at the same port."""
        self.socket = bound(self.port)
        asyncio.run_coroutine_threadsafe(self.listen(), self.loop).result(5)

    async def listen(self):
        self.server = await self._create_server()


def bound(port):
    # Said to be TCP's: else asyncio leaves Nagle's algorithm on, and each mail waits 40 ms for an acknowledgement.
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind(("127.0.0.1", port))
    return made


def appended(path):
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)


def note(file, line):
    """Write a mail's line with the time, in one write."""
    os.write(file, json.dumps({"at": time.time()} | line).encode() + b"\n")


def line_of(content):
    mail = message_from_bytes(content, policy=policy.SMTP)
    text = mail.get_body(["plain"]).get_content()
    files = [hashlib.sha256(each.get_content()).hexdigest() for each in mail.iter_attachments()]
    return {
        "id": mail["Message-ID"],
        "to": mail["To"],
        "subject": mail["Subject"],
        "tokens": [line for line in text.splitlines() if TOKEN.fullmatch(line)],
        "files": files,
    }


def mails(path):
    return [json.loads(line) for line in path.read_text().splitlines()]
