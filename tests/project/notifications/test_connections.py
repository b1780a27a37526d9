"""Connections to a real mail server: kept, made anew, closed, cut off."""

import threading
import time
from mmap import PAGESIZE, mmap
from smtplib import SMTPServerDisconnected

import pytest
from django.core import mail as django_mail

from project.notifications import connections, line
from project.notifications.replies import Away
from tests.project.notifications.letters import again
from tests.support import until


def test_a_connection_is_kept_from_mail_to_mail(server, attempt):
    for number in range(3):
        attempt(address=f"{number}@example.com")

    assert {mail["connection"] for mail in server.mails} == {server.mails[0]["connection"]}
    assert (server.count("CONNECT"), server.count("QUIT")) == (1, 0)


@pytest.mark.parametrize("script", [{"mail": ["close"]}, {"mail": ["421 4.4.2 Idle"]}, {"rcpt": ["close"]}], ids=str)
def test_a_connection_that_the_server_closed_meanwhile_is_made_anew_at_once(server, attempt, script):
    attempt()
    server.answer(**script)

    job, error, _ = attempt(address="bob@example.com")

    assert (error, job.attempts, len(server.mails)) == (None, 1, 1)


def test_a_connection_that_ends_when_the_server_may_have_the_mail_is_not_made_anew(server, attempt):
    attempt()
    server.answer(end=["close"])

    job, error, _ = attempt(address="bob@example.com")

    assert (type(error), job.state, server.count("MAIL")) == (Away, "waiting", 1)


def test_a_connection_that_is_idle_is_closed(server, attempt, monkeypatch):
    monkeypatch.setattr(line, "IDLE", 0.05)
    monkeypatch.setattr(connections, "LOOK", 0.05)

    attempt()

    until(lambda: server.count("QUIT") == 1, "it is closed")
    assert attempt(address="bob@example.com")[1] is None
    assert server.count("CONNECT") == 2


@pytest.mark.parametrize("verb", ["rcpt", "end"])
def test_a_connection_that_takes_too_long_is_cut_off(server, attempt, monkeypatch, settings, verb):
    settings.EMAIL_TIMEOUT = 30
    monkeypatch.setattr(line, "LONGEST", 0.2)
    monkeypatch.setattr(connections, "LOOK", 0.05)
    server.answer(**{verb: ["hang"]})
    begun = time.monotonic()

    _, error, _ = attempt()

    assert (type(error), time.monotonic() - begun < 5) == (Away, True)


def test_the_watch_outlives_what_goes_wrong(server, attempt, monkeypatch):
    monkeypatch.setattr(connections, "LOOK", 0.05)
    look, failed = connections.Line.look, []

    def fail_once(one):
        if not failed:
            failed.append(one)
            raise TypeError
        return look(one)

    monkeypatch.setattr(connections.Line, "look", fail_once)
    server.answer(end=["hang"])

    assert (type(attempt()[1]), len(failed)) == (Away, 1)


def test_a_connection_goes_on_after_its_server_would_not_even_have_the_mail(server, attempt):
    attempt()
    server.answer(data=["451 4.3.0 Later"])

    job, *_ = attempt(address="bob@example.com")
    _, error, delivery = attempt(again(job))

    assert (error, delivery.state, server.count("CONNECT")) == (None, "sent", 0)


def test_a_connection_that_smtplib_gave_up_is_not_kept(server, attempt):
    attempt()
    server.answer(end=["250 " + 9000 * "."])
    message = django_mail.EmailMessage("Hello", "Hi", to=["ada@example.com"])
    with pytest.raises(SMTPServerDisconnected, match="too long"):
        connections.hand_over(message, mmap(-1, PAGESIZE), dict)

    assert attempt(address="bob@example.com")[1] is None


def test_a_connection_is_each_threads_own_and_ends_with_it(server, monkeypatch):
    monkeypatch.setattr(connections, "LOOK", 0.05)
    message = django_mail.EmailMessage("Hello", "Hi", to=["ada@example.com"])
    threads = [
        threading.Thread(target=connections.hand_over, args=[message, mmap(-1, PAGESIZE), dict]) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len({mail["connection"] for mail in server.mails}) == 3
    until(lambda: server.count("QUIT") == 3, "they are closed")
