"""One attempt at a time, whoever dies: rows that claim mails, and a real mail server."""

import random
from datetime import timedelta

import pytest
from celery.exceptions import Ignore
from django.core import mail as django_mail
from django.db.models.functions import Now
from django.utils import timezone

from project.jobs import LeaseLost, enqueue
from project.jobs.models import Job
from project.jobs.policies import MAIL, GiveUp, RetryLater
from project.jobs.settlement import running
from project.notifications import accepted, choices, connections, messages, sending
from project.notifications.mails import deliver, message_id, record
from project.notifications.models import Delivery
from project.notifications.replies import Away, Refused, Unclear
from project.notifications.sending import finish, send, send_all
from tests.project.notifications.letters import FAR, again, letter, write_to

BIG = f"{900 * 'x'}\n" * 9_000  # 8 MB: more than the kernels on both ends keep for who does not read


class TestAClaim:
    def test_is_committed_before_the_connection_opens(self, server, db):
        delivery = record(letter(), key="a")
        states = []
        connections_made = connections.Line.hand_over

        def look(line, *words):
            states.append(Delivery.objects.get().state)
            return connections_made(line, *words)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(connections.Line, "hand_over", look)
            send(delivery)

        assert states == ["sending"]

    def test_of_one_that_another_one_sends_is_refused(self, server):
        record(letter(), key="a")
        first, second = Delivery.objects.get(), Delivery.objects.get()
        server.answer(rcpt=["550 5.1.1 Unknown"])
        with pytest.raises(GiveUp):
            send(first)

        with pytest.raises(RetryLater, match="Another worker has just claimed"):
            send(second)
        assert server.count("RCPT") == 1

    @pytest.mark.parametrize("held_by", ["a job", "nobody's job"])
    def test_is_not_taken_from_who_may_still_be_sending(self, server, held_by):
        record(letter(), key="a")
        job = (
            Job.objects.create(state="running", claims=3, lease_until="2100-01-01T00:00Z")
            if held_by == "a job"
            else None
        )
        Delivery.objects.update(state="sending", job=job, claim=3, attempts=1, claimed_at=Now())

        with pytest.raises(RetryLater, match="Another worker is sending"):
            deliver(letter, key="a")
        assert server.mails == []

    @pytest.mark.parametrize("state", [{"state": "waiting"}, {"state": "running", "claims": 4}])
    def test_of_a_worker_that_died_is_taken_over_with_the_same_message_id(self, server, state):
        record(letter(), key="a")
        job = Job.objects.create(lease_until="2100-01-01T00:00Z", **{"claims": 3} | state)
        Delivery.objects.update(state="sending", job=job, claim=3, attempts=1, claimed_at=FAR)

        deliver(letter, key="a")

        assert Delivery.objects.get().state == "sent"
        assert f"Message-ID: {message_id('a')}" in server.mails[0]["content"]

    def test_of_a_call_that_died_is_taken_over_after_a_while(self, server):
        record(letter(), key="a")
        Delivery.objects.update(state="sending", attempts=1, claimed_at=FAR)

        deliver(letter, key="a")

        assert len(server.mails) == 1

    def test_that_was_lost_changes_nothing(self, server):
        delivery = record(letter(), key="a")
        Delivery.objects.update(state="sending", attempts=2)
        delivery.attempts = 1

        with pytest.raises(LeaseLost):
            finish(delivery, settles=True, state="sent")

        assert Delivery.objects.get().state == "sending"


class TestAtMostOnce:
    @pytest.fixture(autouse=True)
    def chosen(self, settings):
        settings.MAIL_AT_MOST_ONCE = True

    def test_what_a_dead_worker_may_have_sent_is_given_up(self, server, attempt):
        record(letter(), key="to:ada@example.com")
        Delivery.objects.update(state="sending", attempts=1, claimed_at=FAR)

        job, error, delivery = attempt()

        assert (type(error), job.state, delivery.state) == (Unclear, "failed", "failed")
        assert "may have been accepted" in delivery.error
        assert server.mails == []

    @pytest.mark.parametrize("answer", ["hang", "close", "451 " + "x" * 9000], ids=lambda answer: answer[:5])
    def test_what_the_server_did_not_answer_is_given_up(self, server, attempt, answer):
        server.answer(end=[answer])

        job, error, delivery = attempt()

        assert (type(error), job.state, delivery.state) == (Unclear, "failed", "failed")

    def test_what_it_stopped_reading_is_given_up(self, server, attempt):
        record(letter(html=BIG), key="to:ada@example.com")
        server.answer(data=["deaf"])

        job, error, delivery = attempt()

        assert (type(error), job.state, delivery.state) == (Unclear, "failed", "failed")

    @pytest.mark.parametrize("script", [{"end": ["451 4.3.0 Later"]}, {"rcpt": ["hang"]}], ids=str)
    def test_what_it_cannot_have_is_tried_again(self, server, attempt, script):
        server.answer(**script)

        job, _, delivery = attempt()

        assert (job.state, delivery.state) == ("waiting", "waiting")


class TestWhoLostTheJobOnTheWay:
    """Frozen between claim and mail, or ended: another one may be sending it by now."""

    @pytest.fixture
    def lose(self, monkeypatch):
        """Has the job taken back when the mail is claimed and not yet sent."""
        write = messages.message_of

        def taken_back(delivery):
            Job.objects.update(state="waiting", published_at=None, lease_until=None)
            return write(delivery)

        taken_back.write = write
        monkeypatch.setattr(messages, "message_of", taken_back)
        monkeypatch.setattr(sending, "SURE", 0.0)

    @pytest.mark.usefixtures("lose")
    @pytest.mark.parametrize("at_most_once", [False, True])
    @pytest.mark.parametrize("backend", ["project.notifications.smtp", "anymail.backends.test"])
    def test_keeps_the_mail_back(self, server, attempt, settings, backend, at_most_once):
        settings.EMAIL_BACKEND, settings.MAIL_AT_MOST_ONCE = f"{backend}.EmailBackend", at_most_once
        job, error, delivery = attempt()

        state = "waiting" if at_most_once else "sending"
        assert (type(error), job.state, delivery.state) == (Ignore, "waiting", state)
        assert server.mails + getattr(django_mail, "outbox", []) == []

    @pytest.mark.usefixtures("lose")
    @pytest.mark.parametrize("at_most_once", [False, True])
    def test_and_another_one_sends_it_once(self, server, attempt, monkeypatch, settings, at_most_once):
        settings.MAIL_AT_MOST_ONCE = at_most_once
        job, *_ = attempt()
        monkeypatch.setattr(sending, "SURE", 60.0)
        monkeypatch.setattr(messages, "message_of", messages.message_of.write)

        assert (attempt(job)[2].state, len(server.mails)) == ("sent", 1)

    @pytest.mark.parametrize("state", ["waiting", "sending"])
    def test_claims_no_mail_and_removes_no_note(self, server, state):
        record(letter(), key="a")
        job = Job.objects.create(state="running", claims=4, lease_until="2100-01-01T00:00Z")
        Delivery.objects.update(state=state, attempts=1, job=job, claim=2, claimed_at=FAR)
        job.claims = 3

        with accepted.page_at(accepted.path_of(Delivery.objects.get())):
            with running(job), pytest.raises(LeaseLost):
                deliver(letter, key="a")
            assert accepted.path_of(Delivery.objects.get()).exists()
        assert (Delivery.objects.get().state, server.mails) == (state, [])


class TestSeveralMailsOfOneJob:
    def test_are_all_sent_and_the_job_settles_with_the_last(self, server):
        send_all([record(letter(), key=key) for key in "abc"])

        assert len(server.mails) == 3
        assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}

    def test_are_sent_though_one_is_refused(self, server):
        server.answer(rcpt=["550 5.1.1 Unknown"])

        with pytest.raises(Refused):
            send_all([record(letter(), key=key) for key in "abc"])

        assert list(Delivery.objects.order_by("id").values_list("state", flat=True)) == ["failed", "sent", "sent"]

    def test_wait_together_for_a_server_that_is_away(self, server):
        server.answer(mail=["421 Closing"])

        with pytest.raises(Away):
            send_all([record(letter(), key=key) for key in "ab"])

        assert server.mails == []

    def test_that_are_none_are_none(self):
        send_all([])


def test_what_is_withheld_is_not_sent_and_the_job_says_so(server, attempt, monkeypatch, admin_client):
    monkeypatch.setattr(choices, "withheld_because", lambda recipient, kind: f"unsubscribed from {kind}")

    job, error, delivery = attempt()

    assert (error, job.state, delivery.state, delivery.error) == (
        None,
        "succeeded",
        "withheld",
        "unsubscribed from welcome",
    )
    assert server.count("CONNECT") == 0
    assert "unsubscribed from welcome" in admin_client.get(f"/jobs/{job.pk}/").content.decode()
    assert "mail withheld: unsubscribed from welcome" in admin_client.get("/jobs/").content.decode()
    connections.close()
    attempt(again(job))
    assert server.mails == []


def test_a_mail_that_a_server_stops_reading_in_its_middle_arrives_later_once(server, attempt, settings):
    record(letter(html=BIG), key="to:ada@example.com")
    server.answer(data=["deaf"])

    job, error, delivery = attempt()

    assert (type(error), job.state, delivery.state) == (Away, "waiting", "waiting")
    settings.EMAIL_TIMEOUT = 20  # it takes its time to read as much
    assert attempt(again(job))[2].state == "sent"
    assert [len(mail["content"]) > len(BIG) for mail in server.mails] == [True]


def test_a_mail_is_tried_eight_times_in_about_six_hours(server, attempt, monkeypatch):
    monkeypatch.setattr(random, "uniform", lambda low, high: (low + high) / 2)  # as jitter is on average
    server.answer(rcpt=["450 4.2.1 Busy"] * 9)

    job, _, delivery = attempt()
    waited = timedelta()
    while job.state == "waiting":
        waited += job.run_at - timezone.now()
        job, _, delivery = attempt(again(job))

    assert (job.state, job.attempts, delivery.state, delivery.attempts) == ("failed", 8, "failed", 8)
    assert timedelta(hours=5) < waited < timedelta(hours=7)


def test_the_last_attempt_gives_the_mail_up(server, attempt):
    server.answer(rcpt=["450 4.2.1 Busy"])
    job = Job.objects.get(id=enqueue(write_to, address="ada@example.com"))
    Job.objects.update(attempts=MAIL.attempts - 1)

    job, _, delivery = attempt(job)

    assert (job.state, delivery.state) == ("failed", "failed")
