import pytest
from django.core import mail

from project.accounts.models import User
from project.blog.models import Comment
from project.notifications.models import Delivery
from project.orders import invoices
from project.orders.placing import Item, place
from project.orders.refunding import cancel, refund
from tasks import email


@pytest.fixture
def order(ada, lamp):
    return place(ada, [Item(lamp, 2)])


def parts(message):
    [(html, kind)] = message.alternatives
    assert kind == "text/html"
    return message.subject, message.to, message.body, html


def test_a_welcome_is_sent_once(ada):
    email.welcome(user_id=ada.pk)
    email.welcome(user_id=ada.pk)
    [message] = mail.outbox
    subject, to, text, html = parts(message)
    assert (subject, to) == ("Welcome, ada", ["ada@example.com"])
    assert "http://localhost:8000/accounts/" in text
    assert 'href="http://localhost:8000/accounts/"' in html


def test_who_has_no_address_is_not_welcomed(db):
    email.welcome(user_id=User.objects.create_superuser("root", password="secret").pk)

    assert mail.outbox == []
    assert not Delivery.objects.exists()


def test_the_author_is_told_of_a_comment_once(post, bob):
    Comment.objects.create(post=post, author=bob, text="<b>Yes</b> & no")
    email.notify_post_author(post_id=post.pk)
    email.notify_post_author(post_id=post.pk)
    [message] = mail.outbox
    subject, to, text, html = parts(message)
    assert (subject, to) == ("bob commented on Hello world", ["ada@example.com"])
    assert "<b>Yes</b> & no" in text
    assert "&lt;b&gt;Yes&lt;/b&gt; &amp; no" in html


def test_nobody_is_told_of_their_own_comment(post, ada):
    Comment.objects.create(post=post, author=ada, text="Me")
    email.notify_post_author(post_id=post.pk)
    assert mail.outbox == []
    assert not Delivery.objects.exists()


def test_of_a_post_that_is_gone_nobody_is_told(post):
    email.notify_post_author(post_id=post.pk + 1)
    assert mail.outbox == []


def test_an_order_is_confirmed_once(order):
    email.confirm_order(order_id=order.pk)
    email.confirm_order(order_id=order.pk)
    [message] = mail.outbox
    subject, _, text, html = parts(message)
    assert subject == f"Your order {order}"
    assert "2 x Lamp: €20.00 net" in text
    assert "€23.80" in text
    assert "€23.80" in html


def test_a_cancelled_order_is_told_once(order):
    made = cancel(order)
    email.announce_reversal(refund_id=made.pk)
    email.announce_reversal(refund_id=made.pk)
    [message] = mail.outbox
    assert message.subject == f"Your order {order} was cancelled"


def test_an_invoice_is_sent_once_with_its_pdf(order):
    invoice = invoices.issue(order)
    invoices.render(invoice)
    email.send_invoice(invoice_id=invoice.pk)
    email.send_invoice(invoice_id=invoice.pk)
    [message] = mail.outbox
    assert message.subject == f"Invoice {invoice}"
    [(name, content, kind)] = message.attachments
    assert (name, content[:5], kind) == (f"{invoice}.pdf", b"%PDF-", "application/pdf")


def test_a_part_that_was_reversed_is_told_as_a_part_though_the_rest_followed(order):
    part = refund(order, {order.lines.get().pk: 1})
    cancel(order)
    email.announce_reversal(refund_id=part.pk)
    [message] = mail.outbox
    assert message.subject == f"Your order {order} was reversed in part"
    assert "1 x Lamp: €10.00 net" in message.body


def test_who_has_left_gets_the_invoice_all_the_same(order, ada):
    ada.delete()
    invoice = invoices.issue(order)
    invoices.render(invoice)
    email.send_invoice(invoice_id=invoice.pk)
    [message] = mail.outbox
    assert message.to == ["ada@example.com"]
