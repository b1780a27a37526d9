"""A mail server on loopback that keeps what it is given."""

import logging
import socket
from email import message_from_bytes, policy

from aiosmtpd.controller import Controller

logging.getLogger("mail.log").setLevel(logging.WARNING)  # by default it writes a dozen lines for each mail


class Mailbox(Controller):
    """Accepts every mail. Its port is one that the system chose, bound before anyone else can take it."""

    def __init__(self):
        self.mails = []
        # Said to be TCP's: else asyncio leaves Nagle's algorithm on, and each mail waits 40 ms for an acknowledgement.
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self.socket.bind(("127.0.0.1", 0))
        super().__init__(self, hostname="127.0.0.1", port=self.socket.getsockname()[1])

    def _create_server(self):
        return self.loop.create_server(self._factory_invoker, sock=self.socket)

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802  aiosmtpd's name
        self.mails.append(message_from_bytes(envelope.original_content, policy=policy.SMTP))
        return "250 kept"

    def to(self, address):
        return [mail for mail in self.mails if mail["To"] == address]

    def message_ids(self):
        return sorted(mail["Message-ID"] for mail in self.mails)


def text_of(mail):
    return mail.get_body(["plain"]).get_content()


def html_of(mail):
    return mail.get_body(["html"]).get_content()
