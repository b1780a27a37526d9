"""A mail server in a process of its own, that answers as it is told: a real one, for what only a real one shows.

It is told by lines of JSON on its standard input, and answers each with one: {"script": {VERB: [ANSWER...]}} sets what
it will answer next, {"seen": true} asks what it has seen since. Verbs are SMTP's, "CONNECT", and "." for the end of a
mail. An answer is a reply, such as "550 5.1.1 Unknown", "hang" for none at all, "close" for a connection that ends,
"garbage" for bytes that are neither SMTP nor TLS, "deaf" for a mail that is asked for and not read, or null for the
usual one.

Each reply takes `delay` seconds. A mail is kept after them, just before the reply that says so; where there is a
`journal` in that file, by a line as the fault program's, and not in memory. With a `certificate` (a file with its key)
it speaks TLS: from the first byte, or with `--starttls` when it is asked to.
"""

import argparse
import asyncio
import json
import os
import ssl
import subprocess
import sys
from contextlib import contextmanager

from aiosmtpd.smtp import SMTP, AuthResult

from tests.faults.sink import appended, line_of, note

VERBS = ("EHLO", "AUTH", "MAIL", "RCPT", "DATA", "RSET", "QUIT")
FOREVER = 3600


class Scripted(SMTP):
    """One connection."""

    has_waited = False

    def connection_made(self, transport):
        self.number = self.event_handler.connect()
        super().connection_made(transport)

    async def push(self, status):
        if isinstance(status, str) and status.startswith("220 "):
            status = await self.said("CONNECT") or status
        if status[3:4] not in ("-", b"-"):  # of a reply of many lines the last one takes its time
            await self.wait()
            self.has_waited = False
        await super().push(status)
        if isinstance(status, str) and status.startswith("421"):
            self.transport.close()

    async def wait(self):
        """Take the time of a reply, once."""
        if not self.has_waited:
            await asyncio.sleep(self.event_handler.delay)
        self.has_waited = True

    async def said(self, verb):
        """Return what the script says to a verb, if anything. One that hangs, or closes, says nothing ever."""
        answer = self.event_handler.next(self.number, verb)
        if answer == "close":
            self.transport.abort()
        if answer == "garbage":
            os.write(self.transport.get_extra_info("socket").fileno(), b"garbage garbage garbage\r\n")
        if answer == "deaf":
            self.transport.pause_reading()
            await self.push("354 Go ahead")
        if answer in ("close", "hang", "garbage", "deaf"):
            await asyncio.sleep(FOREVER)
        return answer


def scripted(verb):
    usual = getattr(SMTP, f"smtp_{verb}")

    async def answer(self, arg):
        if said := await self.said(verb):
            await self.push(said)
        else:
            await usual(self, arg)

    answer.__dict__.update(usual.__dict__)  # aiosmtpd keeps what it knows of a command at its method
    return answer


for each in VERBS:
    setattr(Scripted, f"smtp_{each}", scripted(each))


class Server:
    def __init__(self, delay, journal, certificate, starttls):
        self.journal = appended(journal) if journal else None
        self.tls = tls_with(certificate) if certificate else None
        self.starttls = starttls
        self.delay, self.script, self.seen, self.mails, self.connections = delay, {}, [], [], 0

    def factory(self):
        own = {"authenticator": lambda *_: AuthResult(success=True), "auth_require_tls": False}
        return Scripted(self, tls_context=self.tls if self.starttls else None, **own)

    def connect(self):
        self.connections += 1
        return self.connections

    def next(self, number, verb):
        self.seen.append([number, verb])
        answers = self.script.get(verb, [])
        return answers.pop(0) if answers else None

    async def handle_DATA(self, server, _session, envelope):  # noqa: N802  aiosmtpd's name
        if said := await server.said("."):
            return said
        line = line_of(envelope.content) if self.journal else {}  # to read it takes a while: not between note and reply
        await server.wait()
        if self.journal:
            note(self.journal, line)
            return "250 2.0.0 kept"
        content = envelope.content.decode("utf-8", "surrogateescape")
        self.mails.append({"connection": server.number, "to": envelope.rcpt_tos, "content": content})
        return "250 2.0.0 kept"

    def told(self, line):
        if "script" in line:
            self.script, self.seen, self.mails = line["script"], [], []
        return {"seen": self.seen, "mails": self.mails}

    async def serve(self):
        tls = None if self.starttls else self.tls
        listening = await asyncio.get_running_loop().create_server(self.factory, "127.0.0.1", 0, ssl=tls)
        say({"port": listening.sockets[0].getsockname()[1]})
        while line := await asyncio.to_thread(sys.stdin.readline):
            say(self.told(json.loads(line)))


def tls_with(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def say(what):
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


class Told:
    """The server, as whoever started it sees it."""

    def __init__(self, process):
        self.process = process
        self.port = self.read()["port"]

    def read(self):
        return json.loads(self.process.stdout.readline())

    def say(self, **line):
        self.process.stdin.write(json.dumps(line) + "\n")
        self.process.stdin.flush()
        return self.read()

    def answer(self, **script):
        """Set the next answers, by verb; `end` is what follows a mail."""
        verbs = {"." if verb == "end" else verb.upper(): answers for verb, answers in script.items()}
        return self.say(script=verbs)

    @property
    def mails(self):
        return self.say(seen=True)["mails"]

    def count(self, verb):
        return sum(seen == verb for _, seen in self.say(seen=True)["seen"])


@contextmanager
def mail_server(delay=0.0, journal=None, certificate=None, *, starttls=False):
    options = {"--journal": journal, "--certificate": certificate}
    words = [str(word) for option, value in options.items() if value for word in (option, value)]
    command = [sys.executable, "-m", "tests.mail_server", str(delay), *words, *(["--starttls"] if starttls else [])]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, text=True, **pipes) as process:
        try:
            yield Told(process)
        finally:
            process.kill()


def parsed():
    parser = argparse.ArgumentParser(prog="python -m tests.mail_server")
    parser.add_argument("delay", type=float)
    parser.add_argument("--journal")
    parser.add_argument("--certificate")
    parser.add_argument("--starttls", action="store_true")
    return vars(parser.parse_args())


if __name__ == "__main__":
    asyncio.run(Server(**parsed()).serve())
