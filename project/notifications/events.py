"""What a mail provider tells later of a mail: that it bounced, was refused, or was called spam."""

import hashlib
from typing import TypedDict

from anymail.signals import AnymailTrackingEvent, EventType, RejectReason
from django.db.models import Q, QuerySet

from project.notifications.choices import suppress
from project.notifications.models import Delivery, Suppression

BAD = (EventType.BOUNCED, EventType.COMPLAINED, EventType.REJECTED, EventType.FAILED)
DEAD = (RejectReason.BOUNCED, RejectReason.INVALID)  # the address itself; not what the mail says, or who sent it
LONGEST = 250  # characters of what a provider says


class BadNews(TypedDict):
    """The arguments of the job that notes it. event: the same one for the same event; reason: for people to read."""

    event: str
    message_id: str
    recipient: str
    suppress: str
    reason: str


def bad_news(event: AnymailTrackingEvent, provider: str) -> BadNews | None:
    """Return what is to be noted of an event; None for good news, and for delays that may end well."""
    if event.event_type not in BAD:
        return None
    said = [event.event_type, event.reject_reason, event.mta_response or event.description]
    message_id, recipient = line(event.message_id), line(event.recipient)
    facts = repr((provider, event.event_type, event.event_id, message_id, recipient))
    return BadNews(
        event=hashlib.sha256(facts.encode()).hexdigest()[:32],
        message_id=message_id,
        recipient=recipient,
        suppress=suppression(event),
        reason=f"{provider}: {line(', '.join(str(part) for part in said if part))}",
    )


def suppression(event: AnymailTrackingEvent) -> str:
    """Return for which reason the address is written to no more; '' where it may be."""
    if event.event_type == EventType.COMPLAINED:
        return Suppression.Reason.COMPLAINT.value
    # Postmark's word for a full mailbox and the like, which Anymail does not tell from a dead one.
    is_soft = isinstance(event.esp_event, dict) and event.esp_event.get("Type") == "SoftBounce"
    return Suppression.Reason.BOUNCE.value if event.reject_reason in DEAD and not is_soft else ""


def line(text: str | None) -> str:
    """Return the text as one line that every column holds."""
    return " ".join((text or "").replace("\0", " ").split())[:LONGEST]


def note(news: BadNews) -> None:
    """Mark the delivery and suppress the address. What came first stays; a message that is not ours has no delivery."""
    ours = deliveries(news["message_id"])
    ours.exclude(state=Delivery.State.BOUNCED).update(state=Delivery.State.BOUNCED, answer=news["reason"])
    if news["suppress"]:
        # Some tell no address, or one that the mail was sent on to: we would go on writing to ours.
        for address in sorted({news["recipient"], *ours.values_list("recipient", flat=True)}):
            if "@" in address:
                suppress(address, Suppression.Reason(news["suppress"]), news["reason"])


def deliveries(message_id: str) -> "QuerySet[Delivery]":
    """Return the deliveries that a provider names so; none where it names none."""
    if not message_id:
        return Delivery.objects.none()
    return Delivery.objects.filter(Q(message_id=message_id) | Q(provider_id=message_id))
