"""What becomes of a mail whose process dies after the server's 250: real notes, a real mail server, and no commit."""

import os
from mmap import PAGESIZE

import pytest
from django.core import mail as django_mail
from structlog.testing import capture_logs

from project.jobs import LeaseLost
from project.jobs.models import Job
from project.notifications import accepted, choices, sending
from project.notifications.mails import deliver
from project.notifications.models import Delivery
from tests.project.notifications.letters import FAR, again, letter

ADA = "to:ada@example.com"


class Died(BaseException):
    """The end of a process: nothing of ours catches it."""


@pytest.fixture
def die(attempt, monkeypatch):
    """Makes an attempt that ends before the commit, and lets the ledger take its job back. Returns the job."""

    def once():
        with monkeypatch.context() as patch, pytest.raises(Died):
            patch.setattr(sending, "finish", raising)
            attempt()
        Job.objects.update(state="waiting", lease_until=None)
        return Job.objects.get()

    return once


def raising(*_, **__):
    raise Died


def notes(settings):
    return sorted(settings.MAIL_NOTES_ROOT.iterdir())


class TestANotedMail:
    @pytest.mark.parametrize("at_most_once", [False, True])
    def test_is_sent_and_does_not_go_out_again(self, server, die, attempt, settings, at_most_once):
        settings.MAIL_AT_MOST_ONCE = at_most_once
        with capture_logs() as logs:
            job, error, delivery = attempt(die())

        assert (error, job.state, delivery.state, delivery.error) == (None, "succeeded", "sent", "")
        assert (delivery.answer, delivery.attempts, len(server.mails)) == ("250 2.0.0 kept", 1, 1)
        assert {"mail_accepted_before"} <= {line["event"] for line in logs}
        assert notes(settings) == []

    def test_of_a_provider_keeps_its_name(self, die, attempt, settings, db):
        settings.EMAIL_BACKEND = "anymail.backends.test.EmailBackend"

        _, error, delivery = attempt(die())

        assert (error, delivery.state, delivery.provider_id, len(django_mail.outbox)) == (None, "sent", "0", 1)

    def test_is_sent_though_nobody_wants_it_any_more(self, server, die, attempt, monkeypatch):
        job = die()
        monkeypatch.setattr(choices, "withheld_because", lambda *_: "unsubscribed")

        assert attempt(job)[2].state == "sent"

    def test_is_finished_by_one_only(self, server, die, attempt):
        job = die()
        frozen, late = Delivery.objects.get(), Delivery.objects.get()
        attempt(job)

        with pytest.raises(LeaseLost):
            sending.finish(frozen, settles=False, state="failed")
        with pytest.raises(sending.RetryLater):
            sending.send(late)
        assert (Delivery.objects.get().state, len(server.mails)) == ("sent", 1)

    def test_is_not_taken_from_who_may_still_commit(self, server, die):
        die()
        Job.objects.update(state="running", lease_until="2100-01-01T00:00Z")

        with pytest.raises(sending.RetryLater, match="is sending"):
            deliver(letter, key=ADA)
        assert Delivery.objects.get().state == "sending"

    def test_keeps_the_beginning_of_a_long_answer(self, server, die, attempt):
        server.answer(end=["250 " + 400 * "."])

        _, error, delivery = attempt(die())

        assert (error, delivery.state, len(delivery.answer)) == (None, "sent", accepted.LONGEST)

    @pytest.mark.parametrize(
        ("reply", "answer"),
        [
            ("250 2.0.0 gr\u00fc\u00df\r\n", "250 2.0.0 gr\u00fc\u00df"),
            ("250-2.0.0 kept\r\n250 as 7\r\n", "250 2.0.0 kept\nas 7"),
            ("250\r\n", "250 "),
            ("250-2.0.0 ke", "250 2.0.0 ke"),  # the rest was on its way
        ],
    )
    def test_has_the_words_of_the_server(self, server, die, reply, answer):
        die()
        accepted.path_of(Delivery.objects.get()).write_bytes(reply.encode().ljust(PAGESIZE, b"\0"))

        assert accepted.told(Delivery.objects.get()) == {"answer": answer, "provider_id": ""}


class TestInDoubtItGoesOutAgain:
    def test_where_another_attempt_was_noted(self, server, die, attempt):
        job = die()
        Delivery.objects.update(attempts=2)

        assert (attempt(job)[2].state, len(server.mails)) == ("sent", 2)

    def test_where_a_mail_of_another_database_was_noted(self, server, die, attempt):
        """It is made anew, and counts from 1: only the jobs' ids differ."""
        die()
        Delivery.objects.all().delete()
        Job.objects.all().delete()
        stranger, error, _ = attempt()
        Delivery.objects.update(state="sending", attempts=1)
        Job.objects.update(state="waiting", lease_until=None)

        assert (error, attempt(again(stranger))[2].state, len(server.mails)) == (None, "sent", 3)

    def test_where_no_job_was_at_work(self, server, monkeypatch):
        with monkeypatch.context() as patch, pytest.raises(Died):
            patch.setattr(sending, "finish", raising)
            deliver(letter, key=ADA)
        Delivery.objects.update(claimed_at=FAR)

        deliver(letter, key=ADA)

        assert (Delivery.objects.get().state, len(server.mails)) == ("sent", 2)

    @pytest.mark.parametrize("nonsense", [b"", b"25", b"451 4.3.0 Later\r\n", b"nonsense", b"[]", b"7", b'"', b"\xff"])
    def test_where_a_note_says_anything_else(self, server, die, attempt, settings, nonsense):
        job = die()
        (note,) = notes(settings)
        note.write_bytes(nonsense)

        assert (attempt(job)[2].state, len(server.mails), notes(settings)) == ("sent", 2, [])

    def test_where_people_ask_for_it(self, server, die, attempt):
        """A mail that was given up may have been accepted; who has its job replayed wants it to be sent."""
        job = die()
        Delivery.objects.update(state="failed")

        assert (attempt(job)[2].state, len(server.mails)) == ("sent", 2)


class TestAFolderThatCannotBeWritten:
    @pytest.fixture(autouse=True)
    def broken(self, settings, tmp_path):
        (tmp_path / "file").touch()
        settings.MAIL_NOTES_ROOT = tmp_path / "file" / "notes"
        accepted.complain.cache_clear()

    def test_stops_no_mail_and_is_told_of_once(self, server, attempt):
        with capture_logs() as logs:
            ends = [attempt(address=f"{name}@example.com") for name in "ab"]

        assert [(error, delivery.state) for _, error, delivery in ends] == [(None, "sent"), (None, "sent")]
        assert [line["problem"] for line in logs if line["event"] == "mails_not_noted"] == ["Not a directory"]

    def test_has_a_mail_sent_again(self, server, die, attempt):
        assert (attempt(die())[2].state, len(server.mails)) == ("sent", 2)

    def test_has_nothing_to_sweep(self):
        accepted.sweep()


def test_notes_are_swept_when_nobody_comes_back_for_them_and_nothing_else_is(server, die, settings):
    die()
    (old,) = notes(settings)
    young, other = settings.MAIL_NOTES_ROOT / "2-1-x-1.reply", settings.MAIL_NOTES_ROOT / "old.other"
    for path in (young, other):
        path.touch()
    for path in (old, other):
        os.utime(path, (0, 0))

    accepted.sweep()

    assert notes(settings) == [young, other]


def test_of_a_mail_that_was_refused_no_note_is_left(server, attempt, settings):
    server.answer(end=["451 4.3.0 Later"])

    assert (attempt()[2].state, notes(settings)) == ("waiting", [])
