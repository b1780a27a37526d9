"""What a real mail server says, and what becomes of the mail, its job and its queue."""

from email import message_from_string, policy

import pytest
from celery.exceptions import Ignore
from kombu import Producer

from project.celery import app
from project.jobs import enqueue, recovery
from project.jobs.models import Circuit, Intervention, Job, Pause
from project.jobs.pauses import resume
from project.jobs.policies import StopQueue
from project.notifications.mails import message_id
from project.notifications.replies import Away, Deferred, Refused
from tests.project.notifications.letters import FAR, WHO, again, write_to

LONG = "x" * 9000  # more than smtplib reads of a line


def test_a_mail_arrives_with_its_headers_and_the_servers_answer_is_kept(server, attempt):
    job, error, delivery = attempt()

    assert (error, job.state, delivery.state, delivery.answer) == (None, "succeeded", "sent", "250 2.0.0 kept")
    [mail] = server.mails
    read = message_from_string(mail["content"], policy=policy.default)
    assert (mail["to"], read["To"], read["Message-ID"]) == (
        ["ada@example.com"],
        "ada@example.com",
        message_id("to:ada@example.com"),
    )
    assert read["Date"].datetime
    assert (read["Auto-Submitted"], read["X-Auto-Response-Suppress"]) == ("auto-generated", "All")
    assert [part.get_content_type() for part in read.iter_parts()] == ["text/plain", "text/html"]


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        ({"rcpt": ["450 4.2.1 Busy"]}, Deferred),
        ({"rcpt": ["452 4.2.2 Full"]}, Deferred),
        ({"mail": ["451 4.3.0 Later"]}, Deferred),
        ({"data": ["450 4.2.0 Greylisted"]}, Deferred),
        ({"end": ["452 4.3.1 No room"]}, Deferred),
        ({"mail": ["421 4.3.2 Closing"]}, Away),
        ({"rcpt": ["421 4.3.2 Closing"]}, Away),
        ({"data": ["421 4.3.2 Closing"]}, Away),
        ({"end": ["421 4.3.2 Closing"]}, Away),
        ({"connect": ["421 4.3.2 Too many connections"]}, Away),
        ({"connect": ["554 5.3.2 No service"]}, Away),
        ({"connect": ["554 5.7.1 Your relay is listed"]}, Away),
        ({"ehlo": ["hang"]}, Away),
        ({"mail": ["hang"]}, Away),
        ({"data": ["hang"]}, Away),
        ({"end": ["hang"]}, Away),
        ({"rcpt": ["close"]}, Away),
        ({"end": ["close"]}, Away),
        ({"mail": ["nonsense"]}, Deferred),
        ({"mail": ["550 5.4.5 Daily user sending quota exceeded"]}, Deferred),
        ({"rcpt": ["550 5.4.5 Daily user sending quota exceeded"]}, Deferred),
        ({"end": ["550 5.4.5 Daily user sending quota exceeded"]}, Deferred),
        ({"ehlo": [f"250 {LONG}"]}, Away),
        ({"mail": [f"250 {LONG}"]}, Away),
        ({"rcpt": [f"550 {LONG}"]}, Away),
        ({"data": [f"354 {LONG}"]}, Away),
        ({"end": [f"451 {LONG}"]}, Away),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_may_pass_is_tried_again_and_arrives_once(server, attempt, script, kind):
    server.answer(**script)

    job, error, delivery = attempt()

    assert (type(error), job.state, delivery.state) == (kind, "waiting", "waiting")
    assert "ada" not in job.error
    if kind is Deferred and "nonsense" not in str(script):
        [[said]] = script.values()
        assert delivery.answer == said
    assert not Pause.objects.exists()
    job, error, delivery = attempt(again(job))
    assert (error, job.state, delivery.state, delivery.attempts, delivery.error) == (None, "succeeded", "sent", 2, "")
    assert len(server.mails) == 1


@pytest.mark.parametrize(
    "script",
    [
        {"rcpt": ["550 5.1.1 ada@example.com is unknown"]},
        {"rcpt": ["553 5.1.3 No such address"]},
        {"rcpt": ["554 5.7.1 Denied"]},
        {"rcpt": ["550 5.1.1 <relay@example.com>: Recipient address rejected: User unknown"]},
        {"rcpt": ["554 5.7.1 <relay@example.com>: Recipient address rejected: Access denied"]},
        {"rcpt": ["550 5.7.1 relay.example.com takes no mail for this address"]},
        {"rcpt": ["550 5.4.6 Relayed too often: a loop"]},
        {"rcpt": ["551 5.1.6 Moved, and we relay nothing to the new address"]},
        {"mail": ["552 5.3.4 Too big"]},
        {"data": ["554 5.5.1 No"]},
        {"end": ["552 5.3.4 Too big"]},
        {"end": ["554 5.6.0 Attachment refused"]},
        {"end": ["550 5.7.1 Spam"]},
    ],
    ids=str,
)
def test_what_is_refused_for_good_is_not_tried_again(server, attempt, script):
    server.answer(**script)

    job, error, delivery = attempt()

    [[said]] = script.values()
    assert (type(error), job.state, job.attempts, delivery.state) == (Refused, "failed", 1, "failed")
    assert (delivery.answer, job.error) == (said, f"Refused: The mail server answered {said[:9]}")
    assert server.mails == []
    _, error, delivery = attempt(address="bob@example.com")  # the next one over the same connection, or a new one
    assert (error, delivery.state) == (None, "sent")


def test_a_senders_domain_beyond_ascii_keeps_the_message_id_readable(server, attempt, settings):
    settings.DEFAULT_FROM_EMAIL = "Bücher <shop@bücher.example>"

    _, error, delivery = attempt()

    read = message_from_string(server.mails[0]["content"])
    assert (error, read["Message-ID"]) == (None, delivery.message_id)
    assert delivery.message_id.endswith("@xn--bcher-kva.example>")


def test_a_job_that_is_replayed_sends_what_was_refused(server, attempt):
    server.answer(rcpt=["550 5.1.1 Unknown"])
    job, *_ = attempt()
    Job.objects.update(state="waiting", attempts=0)

    _, error, delivery = attempt(job)

    assert (error, delivery.state, delivery.answer) == (None, "sent", "250 2.0.0 kept")


@pytest.mark.parametrize(
    ("script", "login"),
    [
        ({"auth": ["535 5.7.8 Wrong"] * 5}, True),
        ({"auth": ["534 5.7.9 Too weak"] * 5}, True),
        ({"mail": ["530 5.7.0 Log in first"] * 5}, False),
        ({"mail": ["550 5.7.1 That is no sender of ours"] * 5}, False),
        ({"ehlo": ["250 no AUTH here"] * 5}, True),
        ({"rcpt": ["554 5.7.1 <ada@example.com>: Relay access denied"] * 5}, False),  # Postfix
        ({"rcpt": ["550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain"] * 5}, False),  # Exchange
        ({"rcpt": ["550 5.7.1 <ada@example.com>... Relaying denied. Log in first"] * 5}, False),  # Sendmail
        ({"rcpt": ["550 relay not permitted"] * 5}, False),  # Exim
        ({"end": ["554 relay not permitted"] * 5}, False),
    ],
    ids=str,
)
def test_a_refused_login_stops_the_queue_and_burns_no_attempt(server, attempt, settings, script, login):
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = ("shop", "wrong") if login else ("", "")
    server.answer(**script)
    others = [Job.objects.get(id=enqueue(write_to, address=f"{name}@example.com")) for name in ("bob", "eve")]

    job, error, delivery = attempt()

    assert (type(error), job.state, job.attempts, delivery.state) == (StopQueue, "waiting", 0, "waiting")
    pause = Pause.objects.get()
    assert (str(pause), pause.actor) == ("queue email", "task letters.write_to")
    assert pause.reason.startswith("StopQueue: The mail server ")
    for other in others:
        assert type(attempt(other)[1]) is Ignore
    assert {other.attempts for other in Job.objects.all()} == {0}
    server.answer()
    Job.objects.update(run_at=FAR)
    resume("queue", "email", **WHO)
    assert publish() == 3
    for each in (job, *others):
        assert attempt(each)[0].state == "succeeded"
    assert len(server.mails) == 3
    assert [each.action for each in Intervention.objects.order_by("id")] == ["pause", "resume"]


def test_a_login_that_is_refused_for_now_stops_nothing(server, attempt, settings):
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "shop", "right"
    server.answer(auth=["454 4.7.0 Later"] * 5)

    job, error, _ = attempt()

    assert (type(error), job.state, Pause.objects.exists()) == (Deferred, "waiting", False)


def publish():
    with app.connection_for_write() as to:
        return recovery.publish_due(Producer(to))


def test_a_server_that_closes_opens_the_circuit(server, attempt):
    server.answer(connect=["421 4.3.2 Full"] * 5)

    jobs = [attempt(address=f"{number}@example.com")[0] for number in range(5)]

    assert Circuit.objects.get().probe_at
    assert [job.parked for job in jobs] == ["", "", "", "", "mail server"]
