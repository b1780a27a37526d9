"""Mails: composed from templates once, kept as rows, then sent from these."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Any, NamedTuple, Protocol

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.functional import Promise

from project.notifications.addresses import in_ascii
from project.notifications.choices import unsubscribe_url
from project.notifications.models import Delivery
from project.notifications.sending import send

LONGEST_SUBJECT = 250  # characters, as the table
JOINERS = "\u200c\u200d"  # not seen themselves, but in what stands beside them: Persian words, families of emoji


class Reader(Protocol):
    """Whom a mail is for, such as a user.

    Where they say so it is in their `language`, such as "de", and in their `time_zone`, such as "Europe/Berlin"; else
    in the site's.
    """

    @property
    def email(self) -> str:
        """The address."""


class Attachment(NamedTuple):
    """A file that goes along, by its name in a storage. name: as the reader sees it; storage: of STORAGES."""

    name: str
    file: str
    type: str
    storage: str = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """What one person is to read: a text and an HTML part that say the same."""

    kind: str
    recipient: str
    subject: str
    text: str
    html: str
    language: str
    attachments: Sequence[Attachment] = ()


@contextmanager
def as_read_by(reader: Reader) -> Iterator[str]:
    """Speak the reader's language, and tell times as their clock does. Yields the language."""
    language = getattr(reader, "language", "") or settings.LANGUAGE_CODE
    with translation.override(language), timezone.override(getattr(reader, "time_zone", "") or settings.TIME_ZONE):
        yield language


def compose(
    template: str,
    *,
    to: Reader,
    kind: str,
    subject: str | Promise,
    context: Mapping[str, Any],
    attachments: Sequence[Attachment] = (),
) -> Mail:
    """Render `template`.txt and `template`.html as their reader reads them; a subject that is lazy too.

    A subject is one line of what can be seen, whatever people put into names and titles.
    """
    with as_read_by(to) as language:
        line = one_line(str(subject))[:LONGEST_SUBJECT]
        values = {**context, **layout(to.email, kind), "subject": line}
        return Mail(
            kind=kind,
            recipient=to.email,
            subject=line,
            text=render_to_string(f"{template}.txt", values),
            html=render_to_string(f"{template}.html", values),
            language=language,
            attachments=attachments,
        )


def layout(recipient: str, kind: str) -> dict[str, Any]:
    """Return what the head and the foot of every mail say: who writes, and how to end it."""
    return {
        "site_url": settings.SITE_URL,
        "seller": settings.SELLER,
        "unsubscribe_url": unsubscribe_url(recipient, kind),
    }


def one_line(text: str) -> str:
    """Return a text without line ends, and without what cannot be seen: it would be refused, or end the header."""
    return " ".join("".join(each if each.isprintable() or each in JOINERS else " " for each in text).split())


def deliver(write: Callable[[], Mail], *, key: str) -> None:
    """Send the mail of this key, unless that is done. It is written at the first attempt only.

    Raises what `send` does.
    """
    kept = Delivery.objects.filter(key=key).exclude(html="")  # an earlier release kept no mail
    send(kept.first() or record(write(), key=key))


def record(mail: Mail, *, key: str) -> Delivery:
    """Keep a mail that is to be sent."""
    content = {
        "kind": mail.kind,
        "recipient": mail.recipient,
        "subject": mail.subject,
        "text": mail.text,
        "html": mail.html,
        "language": mail.language,
        "attachments": [each._asdict() for each in mail.attachments],
        "message_id": message_id(key),
    }
    return Delivery.objects.update_or_create(key=key, defaults=content)[0]


def message_id(key: str) -> str:
    """Return the Message-ID (RFC 5322, 3.6.4) of a key: the same one each time."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{in_ascii(domain)}>"
