"""What providers post, as their documentation shows it, through Anymail and its signature checks to the two lists."""

import hashlib
import hmac
import json
from base64 import b64encode
from datetime import timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.urls import include, path
from django.utils import timezone

from project import urls
from project.jobs.models import Job
from project.notifications import choices, webhooks
from project.notifications.models import Delivery, Suppression
from tests.support import fails_to_start

SECRET, KEY = "mailgun:a-long-password", "key-to-sign-with"
PROVIDERS = ["mailgun", "postmark"]


@pytest.fixture(autouse=True)
def routed(settings):
    settings.ANYMAIL = {"WEBHOOK_SECRET": SECRET, "MAILGUN_WEBHOOK_SIGNING_KEY": KEY}
    settings.ROOT_URLCONF = (path("mail/events/", include(webhooks.routes(PROVIDERS))), *urls.urlpatterns)


@pytest.fixture
def delivery(db):
    return Delivery.objects.create(
        key="order:7:placed",
        kind="order",
        recipient="Alice@example.com",
        message_id="<7@example.com>",
        provider_id="883953f4-6105-42a2-a16a-77a8eac79483",
        state="sent",
    )


@pytest.fixture
def work(work):
    """Works what was told, when the time to wait for its worker has passed."""

    def settled():
        Job.objects.update(run_at=timezone.now() - timedelta(minutes=1))
        return work()

    return settled


@pytest.fixture
def post(client):
    def to(provider, payload, secret=SECRET):
        headers = {"Authorization": f"Basic {b64encode(secret.encode()).decode()}"} if secret else {}
        body = payload if isinstance(payload, str) else json.dumps(payload)
        return client.post(f"/mail/events/{provider}/tracking/", body, "application/json", headers=headers).status_code

    return to


def mailgun(event="failed", *, token="a8ce0edb2dd8301dee6c2405235584e4", key=KEY, **more):
    signature = hmac.new(key.encode(), f"1529006854{token}".encode(), hashlib.sha256).hexdigest()
    data = {
        "event": event,
        "severity": "permanent",
        "reason": "bounce",
        "timestamp": 1529006854.329574,
        "message": {"headers": {"to": "Alice <alice@example.com>", "message-id": "7@example.com"}},
        "recipient": "alice@example.com",
        "delivery-status": {"code": 550, "message": "550 5.1.1 no such user", "description": ""},
    }
    return {
        "signature": {"timestamp": "1529006854", "token": token, "signature": signature},
        "event-data": data | more,
    }


def postmark(kind="HardBounce", record="Bounce", **more):
    return {
        "RecordType": record,
        "ID": 4323372036854775807,
        "Type": kind,
        "MessageID": "883953f4-6105-42a2-a16a-77a8eac79483",
        "Description": "The server was unable to deliver your message (ex: unknown user, mailbox not found).",
        "Email": "alice@example.com",
        "BouncedAt": "2019-11-05T16:33:54.9070259Z",
    } | more


def told(delivery):
    delivery.refresh_from_db()
    return delivery.state, delivery.answer, dict(Suppression.objects.values_list("address", "reason"))


def test_a_bounce_marks_the_delivery_and_the_address(post, work, delivery):
    assert post("mailgun", mailgun()) == 200
    work()

    reason = "Mailgun: bounced, bounced, 550 5.1.1 no such user"
    assert told(delivery) == ("bounced", reason, {"alice@example.com": "bounce"})
    assert Suppression.objects.get().source == reason


def test_the_same_event_twice_is_one_job_and_one_row(post, work, delivery):
    assert [post("mailgun", mailgun()), post("mailgun", mailgun())] == [200, 200]
    work()
    post("mailgun", mailgun())
    work()

    assert Suppression.objects.count() == 1
    jobs = Job.objects.filter(task="housekeeping.note_bad_news").order_by("pk")
    assert list(jobs.values_list("state", "asks")) == [
        ("succeeded", 2),
        ("succeeded", 1),
    ]


@pytest.mark.parametrize("order", [1, -1])
def test_a_complaint_and_a_bounce_end_alike_in_either_order(post, work, delivery, order):
    for payload in [postmark(), postmark("SpamComplaint", "SpamComplaint")][::order]:
        assert post("postmark", payload) == 200
        work()

    state, answer, addresses = told(delivery)
    first = ["bounce", "complaint"][::order][0]
    assert (state, addresses) == ("bounced", {"alice@example.com": first})
    assert answer.startswith("Postmark: bounced" if first == "bounce" else "Postmark: complained, spam")


def test_what_came_late_of_a_good_end_takes_nothing_back(post, work, delivery):
    post("postmark", postmark())
    work()
    assert post("postmark", {"RecordType": "Delivery", "MessageID": delivery.provider_id, "Recipient": "a@b.c"}) == 200
    work()

    assert told(delivery)[0] == "bounced"


@pytest.mark.parametrize(
    "payload",
    [mailgun("delivered"), mailgun(severity="temporary"), mailgun("opened"), mailgun("unsubscribed")],
    ids=["delivered", "delayed", "opened", "unsubscribed"],
)
def test_of_what_is_no_bad_news_nothing_follows(post, work, delivery, payload):
    assert post("mailgun", payload) == 200

    assert "housekeeping.note_bad_news" not in work()
    assert told(delivery) == ("sent", "", {})


@pytest.mark.parametrize(
    ("kind", "suppressed"),
    [("BadEmailAddress", True), ("SoftBounce", False), ("Blocked", False), ("VirusNotification", False)],
)
def test_an_address_is_suppressed_where_it_is_dead_and_not_for_a_mail_that_was_refused(
    post, work, delivery, kind, suppressed
):
    post("postmark", postmark(kind))
    work()

    state, _, addresses = told(delivery)
    assert (state, bool(addresses)) == ("bounced", suppressed)


def test_of_a_message_that_is_not_ours_the_address_is_noted(post, work, delivery):
    assert post("mailgun", mailgun(message={"headers": {"message-id": "other@elsewhere"}})) == 200
    work()

    assert told(delivery) == ("sent", "", {"alice@example.com": "bounce"})


@pytest.mark.parametrize("told", [None, "", "alice@elsewhere.example", "alice@xn--bcher-kva.example"])
def test_whom_we_wrote_to_is_suppressed_whatever_the_provider_calls_them(post, work, delivery, told):
    Delivery.objects.update(recipient="Alice@bücher.example")

    assert post("mailgun", mailgun(recipient=told)) == 200
    work()

    assert choices.withheld_because("alice@bücher.example", "order")
    assert bool(choices.withheld_because(told or "", "order")) is bool(told)


def test_an_event_that_names_no_message_is_about_the_address_alone(post, work, delivery):
    Delivery.objects.update(provider_id="")

    assert post("mailgun", mailgun(message={}, recipient="bob@example.com")) == 200
    work()

    delivery.refresh_from_db()
    assert (delivery.state, Suppression.objects.get().address) == ("sent", "bob@example.com")


@pytest.mark.parametrize(
    "more", [{"recipient": None}, {"recipient": "x\0y"}, {"message": {}}, {"recipient": "é" * 999}]
)
def test_an_event_that_says_little_or_nonsense_is_taken_and_done(post, work, delivery, more):
    assert post("mailgun", mailgun(**more)) == 200
    work()

    assert set(Job.objects.filter(task="housekeeping.note_bad_news").values_list("state", flat=True)) == {"succeeded"}


@pytest.mark.parametrize(
    "bad",
    [
        {"secret": ""},
        {"secret": "mailgun:guessed"},
        {"payload": mailgun(key="another")},
        {"payload": mailgun() | {"signature": {}}},
        {"payload": "no json"},
    ],
    ids=["no secret", "wrong secret", "wrong key", "no signature", "no json"],
)
def test_what_is_not_signed_is_refused_and_leaves_nothing(post, delivery, bad):
    assert post("mailgun", **({"payload": mailgun()} | bad)) == 400

    assert not Job.objects.filter(task="housekeeping.note_bad_news").exists()
    assert told(delivery) == ("sent", "", {})


def test_a_provider_that_is_not_named_has_no_address(post, db):
    assert post("sendgrid", {}) == 404


def test_an_unknown_provider_stops_the_start_with_those_that_there_are():
    with pytest.raises(ImproperlyConfigured, match=r"MAIL_EVENTS names 'pigeon'; expected some of .*mailgun.*postmark"):
        webhooks.routes(["pigeon"])


def test_a_provider_whose_signing_key_is_missing_stops_the_start(settings):
    settings.ANYMAIL = {"WEBHOOK_SECRET": SECRET}
    with pytest.raises(ImproperlyConfigured, match="MAILGUN_WEBHOOK_SIGNING_KEY"):
        webhooks.routes(["mailgun"])


@pytest.mark.parametrize("secret", [{}, {"ANYMAIL_WEBHOOK_SECRET": "no-password"}, {"ANYMAIL_WEBHOOK_SECRET": ":"}])
def test_events_without_a_secret_stop_the_start(secret):
    assert "ANYMAIL_WEBHOOK_SECRET has no name or no password" in fails_to_start(MAIL_EVENTS="postmark", **secret)
