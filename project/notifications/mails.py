"""Mails: composed from templates, delivered once each."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Any, NamedTuple

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models.functions import Now
from django.template.loader import render_to_string

from project.jobs import patiently, settling
from project.notifications.models import Delivery

LONGEST_SUBJECT = 250  # characters, as the table


class Attachment(NamedTuple):
    """A file in a mail."""

    name: str
    content: bytes
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """What one person is to read: a text and an HTML part that say the same."""

    recipient: str
    subject: str
    text: str
    html: str
    attachments: Sequence[Attachment] = ()


def compose(
    template: str, *, to: str, subject: str, context: Mapping[str, Any], attachments: Sequence[Attachment] = ()
) -> Mail:
    """Render `template`.txt and `template`.html. A subject is one line, whatever people put into names and titles."""
    values = {**context, "site_url": settings.SITE_URL}
    return Mail(
        recipient=to,
        subject=" ".join(subject.split())[:LONGEST_SUBJECT],
        text=render_to_string(f"{template}.txt", values),
        html=render_to_string(f"{template}.html", values),
        attachments=attachments,
    )


def deliver(mail: Mail, *, key: str) -> None:
    """Send the mail of this key, unless it is sent already.

    Raises what the mail server (SMTPException) or the way to it (OSError) says; the delivery keeps it too.
    """
    delivery, _ = Delivery.objects.get_or_create(
        key=key, defaults={"recipient": mail.recipient, "subject": mail.subject, "message_id": message_id(key)}
    )
    if delivery.state == Delivery.State.SENT:
        return
    this = Delivery.objects.filter(pk=delivery.pk)
    try:
        send(mail, delivery.message_id)
    except Exception as error:
        this.update(state=Delivery.State.FAILED, error=f"{type(error).__name__}: {error}")
        raise
    # A database that is away just now would otherwise have the mail sent again.
    patiently(lambda: mark_sent(delivery))


def mark_sent(delivery: Delivery) -> None:
    """Note that the mail server has it, and settle."""
    with settling():
        Delivery.objects.filter(pk=delivery.pk).update(state=Delivery.State.SENT, sent_at=Now(), error="")


def send(mail: Mail, message_id: str) -> None:
    """Hand the mail to the mail server."""
    message = EmailMultiAlternatives(
        mail.subject,
        mail.text,
        to=[mail.recipient],
        headers={"Message-ID": message_id, "Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(mail.html, "text/html")
    for attachment in mail.attachments:
        message.attach(attachment.name, attachment.content, attachment.type)
    message.send()


def message_id(key: str) -> str:
    """Return the Message-ID (RFC 5322, 3.6.4) of a key: the same one each time."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{domain}>"
