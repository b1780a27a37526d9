"""Where the reply to a mail lands: on a page that outlives the process, whether or not that still runs any Python."""

import signal
import socket
import subprocess
import sys
import time
from mmap import PAGESIZE, mmap

import pytest
import trustme

from project.notifications import connections
from project.notifications.replies import Away, Deferred
from project.notifications.smtp import Landing
from tests.mail_server import mail_server
from tests.support import ROOT, until

STUCK = """
import sys, threading, time
from pathlib import Path
import django
django.setup()
from project.notifications.accepted import page_of
from project.notifications.smtp import Told, ToldSSL

port, encrypted, path = int(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
connection = (ToldSSL if encrypted == "ssl" else Told)("localhost", port, timeout=30)
if encrypted == "starttls":
    connection.starttls()
connection.page = page_of(path)
mail = "Subject: Hello\\n\\nHi"
threading.Thread(target=connection.sendmail, args=["me@example.com", ["you@example.com"], mail], daemon=True).start()
while connection.late_at == float("inf"):
    time.sleep(0.001)
time.sleep(0.1)  # it waits inside the kernel
print("stuck", flush=True)
sys.setswitchinterval(3600)
while True:  # and never gives Python's lock away again
    pass
"""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate with its key, and who is to be trusted for it."""
    folder, authority = tmp_path_factory.mktemp("tls"), trustme.CA()
    authority.cert_pem.write_to_path(folder / "authority.pem")
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(folder / "server.pem")
    return folder / "server.pem", folder / "authority.pem"


@pytest.fixture(params=["plain", "ssl", "starttls"])
def encrypted(request, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[1]))
    return request.param


@pytest.fixture
def serve(encrypted, certificate):
    """Starts a mail server that takes so many seconds for each reply, encrypted or not."""
    options = {} if encrypted == "plain" else {"certificate": certificate[0], "starttls": encrypted == "starttls"}
    return lambda delay: mail_server(delay, **options)


def test_of_a_process_whose_python_is_stuck_the_reply_is_on_disk(serve, encrypted, tmp_path):
    path = tmp_path / "notes" / "1-1-x-1.reply"
    with serve(0.3) as server:
        command = [sys.executable, "-c", STUCK, str(server.port), encrypted, str(path)]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert process.stdout.readline() == "stuck\n"
        try:
            until(lambda: path.read_bytes().startswith(b"250"), "the reply is there")
        finally:
            process.send_signal(signal.SIGKILL)
            process.communicate()
    assert path.read_bytes().rstrip(b"\0") == b"250 2.0.0 kept\r\n"


@pytest.fixture
def server(serve, encrypted, settings, db):
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = "project.notifications.smtp.EmailBackend", "localhost"
    settings.EMAIL_USE_SSL, settings.EMAIL_USE_TLS = encrypted == "ssl", encrypted == "starttls"
    with serve(0.0) as started:
        settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = started.port, 0.3
        yield started
        connections.close()


def test_mails_go_out_one_after_another_over_one_connection(server, attempt):
    ends = [attempt(address=f"{name}@example.com") for name in "abc"]

    assert [(error, delivery.answer) for _, error, delivery in ends] == 3 * [(None, "250 2.0.0 kept")]
    assert [mail["connection"] for mail in server.mails] == 3 * [server.mails[0]["connection"]]


@pytest.mark.parametrize("silence", ["hang", "close"])
def test_a_server_that_does_not_answer_is_waited_for_no_longer_than_for_any_reply(server, attempt, silence):
    server.answer(end=[silence])
    begun = time.monotonic()

    _, error, delivery = attempt()

    assert (type(error), delivery.state) == (Away, "waiting")
    assert time.monotonic() - begun < 5
    assert attempt(address="bob@example.com")[1] is None


def test_a_reply_that_is_none_of_the_protocol_is_an_error_of_the_server(server, encrypted, attempt):
    server.answer(end=["garbage"])

    assert type(attempt()[1]) is (Deferred if encrypted == "plain" else Away)


def test_an_answer_that_is_longer_than_the_page_accepts_a_mail_too(server, attempt):
    server.answer(end=["250 " + 6000 * "."])

    assert [attempt(address=f"{name}@example.com")[2].state for name in "ab"] == ["sent", "sent"]


def test_a_line_without_end_is_not_waited_for():
    ours, theirs = socket.socketpair()
    with ours, theirs, mmap(-1, PAGESIZE) as page:
        theirs.sendall(3 * PAGESIZE * b".")

        assert len(Landing(None, ours, page).readline(2 * PAGESIZE)) >= 2 * PAGESIZE
