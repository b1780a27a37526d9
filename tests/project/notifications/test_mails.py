from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from django.core import mail
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from hypothesis import given
from hypothesis import strategies as st

from project.notifications.mails import Attachment, Mail, as_read_by, compose, deliver, message_id, one_line, record
from project.notifications.models import Delivery
from project.notifications.replies import Deferred


@pytest.fixture
def letter():
    return Mail(
        kind="welcome", recipient="ada@example.com", subject="Hello", text="Hi", html="<p>Hi</p>", language="en"
    )


@dataclass
class Somebody:
    email: str = "ada@example.com"
    language: str = ""
    time_zone: str = ""


def test_a_mail_is_a_row_and_sent_once(db, letter):
    deliver(lambda: letter, key="a:1")
    deliver(lambda: letter, key="a:1")
    assert len(mail.outbox) == 1
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.recipient, delivery.subject) == ("sent", "ada@example.com", "Hello")
    assert (delivery.text, delivery.html, delivery.language, delivery.attempts) == ("Hi", "<p>Hi</p>", "en", 1)
    assert delivery.sent_at
    assert str(delivery) == "a:1: sent"


def test_what_is_kept_is_sent_though_it_would_be_written_otherwise_by_now(db, letter):
    record(letter, key="a:1")

    deliver(lambda: pytest.fail("it was written anew"), key="a:1")

    assert mail.outbox[0].body == "Hi"


def test_a_row_of_a_release_that_kept_no_mail_is_written_now(db, letter):
    Delivery.objects.create(key="a:1", recipient="ada@example.com", subject="Hello", message_id="<x@example.com>")

    deliver(lambda: letter, key="a:1")

    assert mail.outbox[0].body == "Hi"
    assert Delivery.objects.get().state == "sent"


def test_the_message_id_follows_from_the_key(db, letter):
    deliver(lambda: letter, key="a:1")
    assert mail.outbox[0].extra_headers["Message-ID"] == Delivery.objects.get().message_id == message_id("a:1")
    assert message_id("a:1").endswith("@example.com>")
    assert message_id("a:1") != message_id("a:2")


@pytest.mark.parametrize(("kind", "can_be_ended"), [("comment", True), ("order", False)])
def test_only_what_can_be_unsubscribed_says_how(db, letter, kind, can_be_ended):
    record(letter, key="a")
    Delivery.objects.update(kind=kind)

    deliver(lambda: letter, key="a")

    headers = mail.outbox[0].extra_headers
    assert (headers["Auto-Submitted"], headers["X-Auto-Response-Suppress"]) == ("auto-generated", "All")
    assert headers.get("List-Unsubscribe", "").startswith("<http://localhost:8000/mail/choices/") is can_be_ended
    assert headers.get("List-Unsubscribe-Post") == ("List-Unsubscribe=One-Click" if can_be_ended else None)


def test_attachments_go_along_by_reference(db, letter):
    file = default_storage.save("a.pdf", ContentFile(b"%PDF-1"))
    letter = Mail(
        kind="invoice",
        recipient="a@example.com",
        subject="S",
        text="t",
        html="h",
        language="en",
        attachments=[Attachment("Invoice 1.pdf", file, "application/pdf")],
    )

    deliver(lambda: letter, key="a")

    assert Delivery.objects.get().attachments == [
        {"name": "Invoice 1.pdf", "file": file, "type": "application/pdf", "storage": "default"}
    ]
    [(name, content, kind)] = mail.outbox[0].attachments
    assert (name, content, kind) == ("Invoice 1.pdf", b"%PDF-1", "application/pdf")


def test_a_file_that_is_away_lets_the_mail_wait(db, letter):
    record(letter, key="a")
    Delivery.objects.update(
        attachments=[{"name": "a.pdf", "file": "gone.pdf", "type": "application/pdf", "storage": "default"}]
    )

    with pytest.raises(Deferred, match=r"gone.pdf cannot be read: FileNotFoundError"):
        deliver(lambda: letter, key="a")

    assert Delivery.objects.get().state == "waiting"
    assert mail.outbox == []


def test_a_mail_is_written_in_its_readers_language_and_time_zone(rendering):
    subject = format_lazy("{word}, 3", word=_("yes,no,maybe"))

    mail = compose(
        "letter", to=Somebody(language="de", time_zone="Asia/Tokyo"), kind="x", subject=subject, context=NOON
    )

    assert (mail.subject, mail.text, mail.language) == ("Ja,Nein,Vielleicht, 3", "21:00", "de")


def test_who_chose_nothing_is_written_to_as_the_site_speaks(rendering):
    mail = compose("letter", to=Somebody(), kind="x", subject="Hello", context=NOON)

    assert (mail.text, mail.language) == ("12:00", "en")


NOON = {"at": datetime(2026, 1, 1, 12, tzinfo=UTC)}


@pytest.fixture
def rendering(settings, tmp_path):
    for name in ("letter.txt", "letter.html"):
        (tmp_path / name).write_text("{{ at|date:'H:i' }}")
    [engine] = settings.TEMPLATES
    settings.TEMPLATES = [engine | {"DIRS": [tmp_path]}]


def test_what_is_read_by_nobody_changes_nothing():
    with as_read_by(Somebody(language="de")) as language:
        assert language == "de"


@pytest.mark.parametrize(
    ("found", "line"),
    [
        ("Evil\r\nBcc: all@example.com", "Evil Bcc: all@example.com"),
        ("a\0b\x1bc\u2028d\u202ee", "a b c d e"),
        ("\ud800 half", "half"),
        ("می\u200cخواهم", "می\u200cخواهم"),  # tells two Persian words from one
        ("👩\u200d💻", "👩\u200d💻"),
    ],
)
def test_a_subject_is_one_line_of_what_can_be_seen(found, line):
    assert one_line(found) == line


JOINERS = dict.fromkeys(map(ord, "\u200c\u200d"))


@given(st.text())
def test_no_text_can_end_a_header(text):
    line = one_line(text)
    assert line == " ".join(line.splitlines())
    assert line.translate(JOINERS).isprintable()
    line.encode()
