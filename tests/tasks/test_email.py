import pytest
from django.core import mail

from project.blog.models import Comment
from project.notifications.models import Delivery
from project.orders import invoices
from project.orders.placing import Item, cancel, place
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


def test_the_author_is_told_of_a_comment_once(post, bob):
    comment = Comment.objects.create(post=post, author=bob, text="<b>Yes</b> & no")
    email.notify_post_author(comment_id=comment.pk)
    email.notify_post_author(comment_id=comment.pk)
    [message] = mail.outbox
    subject, to, text, html = parts(message)
    assert (subject, to) == ("bob commented on Hello world", ["ada@example.com"])
    assert "<b>Yes</b> & no" in text
    assert "&lt;b&gt;Yes&lt;/b&gt; &amp; no" in html


def test_nobody_is_told_of_their_own_comment(post, ada):
    email.notify_post_author(comment_id=Comment.objects.create(post=post, author=ada, text="Me").pk)
    assert mail.outbox == []
    assert not Delivery.objects.exists()


def test_an_order_is_confirmed_once(order):
    email.confirm_order(order_id=order.pk)
    email.confirm_order(order_id=order.pk)
    [message] = mail.outbox
    subject, _, text, html = parts(message)
    assert subject == f"Your order {order}"
    assert "2 x Lamp: 20.00 EUR net" in text
    assert "23.80 EUR" in text
    assert "23.80 EUR" in html


def test_a_cancelled_order_is_told_once(order):
    cancel(order)
    email.announce_reversal(order_id=order.pk)
    email.announce_reversal(order_id=order.pk)
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
