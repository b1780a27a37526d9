import pytest
from django.core import mail

from project.blog.emails import new_comment
from project.blog.models import Comment
from project.notifications.mails import Attachment, Mail, deliver, message_id
from project.notifications.models import Delivery


@pytest.fixture
def letter():
    return Mail(recipient="ada@example.com", subject="Hello", text="Hi", html="<p>Hi</p>")


def test_a_mail_is_a_row_and_sent_once(db, letter):
    deliver(letter, key="a:1")
    deliver(letter, key="a:1")
    assert len(mail.outbox) == 1
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.recipient, delivery.subject) == ("sent", "ada@example.com", "Hello")
    assert delivery.sent_at
    assert str(delivery) == "a:1: sent"


def test_the_message_id_follows_from_the_key(db, letter):
    deliver(letter, key="a:1")
    assert mail.outbox[0].extra_headers["Message-ID"] == Delivery.objects.get().message_id == message_id("a:1")
    assert message_id("a:1").endswith("@example.com>")
    assert message_id("a:1") != message_id("a:2")


def test_a_mail_server_that_is_away_fails_the_delivery_and_the_next_try_sends(db, letter, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    with pytest.raises(ConnectionRefusedError):
        deliver(letter, key="a:1")
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.error[:22]) == ("failed", "ConnectionRefusedError")
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    deliver(letter, key="a:1")
    delivery.refresh_from_db()
    assert (delivery.state, delivery.error, len(mail.outbox)) == ("sent", "", 1)


def test_attachments_go_along(db):
    deliver(
        Mail(
            recipient="a@example.com",
            subject="S",
            text="t",
            html="h",
            attachments=[Attachment("a.pdf", b"1", "application/pdf")],
        ),
        key="a",
    )
    assert mail.outbox[0].attachments[0].filename == "a.pdf"


def test_a_subject_is_one_line_whatever_people_write(db, post, ada):
    post.title = "Evil\r\nBcc: all@example.com"
    composed = new_comment(Comment(post=post, author=ada, text="x"))
    assert composed.subject == "ada commented on Evil Bcc: all@example.com"
