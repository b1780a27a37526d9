import pytest
from anymail.signals import AnymailTrackingEvent, tracking


def tell(**event):
    tracking.send(None, event=AnymailTrackingEvent(message_id="<7@example.com>", **event), esp_name="Mailgun")


def test_bad_news_of_a_mail_is_noted(db, jobs):
    tell(event_type="bounced", recipient="ada@example.com", reject_reason="bounced", description="no such user")

    ((task, kwargs),) = jobs()
    assert task == "housekeeping.note_bad_news"
    assert kwargs | {"event": ""} == {
        "event": "",
        "message_id": "<7@example.com>",
        "recipient": "ada@example.com",
        "suppress": "bounce",
        "reason": "Mailgun: bounced, bounced, no such user",
    }


@pytest.mark.parametrize("kind", ["delivered", "deferred", "opened", "unsubscribed", "unknown"])
def test_of_other_news_nothing_follows(db, jobs, kind):
    tell(event_type=kind)

    assert jobs() == []
