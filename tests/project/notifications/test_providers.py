"""Mails by way of a provider, with django-anymail's own backend for tests."""

import pytest
from anymail.exceptions import AnymailAPIError, AnymailConfigurationError, AnymailRecipientsRefused
from django.core import mail
from requests import ConnectionError as NotConnected

from project.jobs.policies import StopQueue
from project.notifications import messages
from project.notifications.mails import Mail, deliver
from project.notifications.models import Delivery
from project.notifications.replies import Away, Deferred, Refused, Unclear


@pytest.fixture
def write(settings, db):
    settings.EMAIL_BACKEND = "anymail.backends.test.EmailBackend"
    letter = Mail(kind="welcome", recipient="ada@example.com", subject="S", text="t", html="h", language="en")
    return lambda: deliver(lambda: letter, key="a")


LINE = "project.notifications.line.Line.hand_over"


class Answer:
    reason, text = "as it is", '{"error": "ada@example.com"}'

    def __init__(self, status_code):
        self.status_code = status_code


@pytest.fixture
def provider(write, monkeypatch):
    """Lets the provider answer with an error."""
    real = messages.message_of

    def answer(error):
        def message_of(delivery):
            message = real(delivery)
            message.anymail_test_response = error
            return message

        monkeypatch.setattr(messages, "message_of", message_of)

    return answer


def test_the_providers_name_for_a_mail_is_kept(write):
    write()

    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.provider_id) == ("sent", "0")
    assert mail.outbox[0].anymail_test_params["html_body"] == "h"


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, Refused), (401, StopQueue), (403, StopQueue), (422, Refused), (429, Deferred), (500, Away), (503, Away)],
)
def test_an_answer_is_sorted_by_its_status(write, provider, status, kind):
    provider(AnymailAPIError("no", status_code=status, response=Answer(status)))

    with pytest.raises(kind, match=f"^The mail provider answered HTTP {status}$"):
        write()

    assert Delivery.objects.get().answer == f'HTTP {status} {{"error": "ada@example.com"}}'


class OutOfReach(AnymailAPIError, NotConnected):
    """As django-anymail makes it of what was raised on the way."""


@pytest.mark.parametrize(("at_most_once", "kind"), [(False, Away), (True, Unclear)])
def test_a_provider_that_cannot_be_reached_is_away_or_unclear(write, provider, settings, at_most_once, kind):
    settings.MAIL_AT_MOST_ONCE = at_most_once
    provider(OutOfReach("no way"))

    with pytest.raises(kind):
        write()


def test_a_recipient_whom_the_provider_refuses_is_given_up(write, provider, monkeypatch):
    monkeypatch.setattr(LINE, raising(AnymailRecipientsRefused()))

    with pytest.raises(Refused):
        write()


def test_a_provider_without_its_key_stops_the_queue(write, monkeypatch, settings):
    monkeypatch.setattr(LINE, raising(AnymailConfigurationError("no key")))

    with pytest.raises(StopQueue, match="no key"):
        write()


def test_what_nobody_thought_of_is_raised_as_it_is(write, monkeypatch):
    monkeypatch.setattr(LINE, raising(KeyError("odd")))

    with pytest.raises(KeyError):
        write()
    assert Delivery.objects.get().state == "waiting"


def raising(error):
    def hand_over(*_):
        raise error

    return hand_over
