"""Somebody ends a kind of mail from within one; a provider tells of a bounce: who is not written to, and is still."""

import hashlib
import hmac
import json
import secrets
import urllib.request
from base64 import b64encode
from decimal import Decimal

import pytest

from project.catalog.models import Product
from project.notifications.models import Delivery
from tests.flows.mailbox import html_of, text_of
from tests.flows.stack import SIGNING_KEY, WEBHOOK_SECRET
from tests.support import ADDRESS

pytestmark = pytest.mark.flow


@pytest.fixture
def author(stack):
    return stack.visitor("author")


@pytest.fixture
def lamp(stack):
    slug = f"lamp-{secrets.token_hex(4)}"
    return stack.insert(Product(name="Lamp", slug=slug, price=Decimal("19.99"), tax_rate=Decimal(19), stock=50))


def subjects(stack, visitor):
    return [mail["Subject"] for mail in stack.mailbox.to(visitor.email)]


def order(customer, product):
    customer.submit("/orders/address/", **ADDRESS)
    customer.submit(f"/shop/{product.slug}/", quantity=1)


def send(url, body, **headers):
    """POST as a program does: no cookies, nothing else. Returns status and headers."""
    request = urllib.request.Request(url, body, headers)
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as answer:
        return answer.status, answer.url, answer.headers


def comment(stack, post, text):
    stack.visitor("reader").submit(post, text=text)
    stack.settle()


def test_one_click_in_a_mail_ends_mails_of_its_kind_and_no_others(stack, author, lamp):
    post = author.submit("/blog/new/", title="Rain again", body="It rains.").path
    comment(stack, post, "Here too.")
    (mail,) = [mail for mail in stack.mailbox.to(author.email) if "commented" in mail["Subject"]]
    link = mail["List-Unsubscribe"].strip(" <>")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert link in text_of(mail)
    assert link in html_of(mail)

    for _ in range(2):
        status, url, headers = send(link, b"List-Unsubscribe=One-Click")
        assert (status, url, headers["Set-Cookie"]) == (200, link, None)
    comment(stack, post, "And here.")
    order(author, lamp)
    stack.settle()

    assert [subject for subject in subjects(stack, author) if "commented" in subject] == [mail["Subject"]]
    assert [subject for subject in subjects(stack, author) if subject.startswith("Your order")]
    withheld = stack.rows(Delivery, recipient=author.email, state="withheld").get()
    assert (withheld.kind, withheld.error) == ("comment", "unsubscribed from comment mails")


@pytest.mark.parametrize("stack", ["embedded"], indirect=True)
def test_whose_mails_bounce_is_written_to_no_more(stack, author, lamp):
    stack.settle()
    sent = stack.rows(Delivery, recipient=author.email).get()
    token = secrets.token_hex(25)
    signature = hmac.new(SIGNING_KEY.encode(), f"1529006854{token}".encode(), hashlib.sha256).hexdigest()
    event = {"event": "failed", "severity": "permanent", "reason": "bounce", "recipient": author.email}
    event["message"] = {"headers": {"message-id": sent.message_id.strip("<>")}}
    event["delivery-status"] = {"message": "550 5.1.1 no such user", "code": 550}
    payload = {"signature": {"timestamp": "1529006854", "token": token, "signature": signature}, "event-data": event}
    headers = {
        "Authorization": f"Basic {b64encode(WEBHOOK_SECRET.encode()).decode()}",
        "Content-Type": "application/json",
    }

    assert send(f"{stack.url}/mail/events/mailgun/tracking/", json.dumps(payload).encode(), **headers)[0] == 200
    stack.wait_until("the bounce is noted", lambda: stack.rows(Delivery, pk=sent.pk, state="bounced").exists())
    order(author, lamp)
    stack.wait_until("every job settled", lambda: not stack.unsettled())

    assert subjects(stack, author) == [sent.subject]
    after = stack.rows(Delivery, recipient=author.email).exclude(pk=sent.pk)
    assert {(mail.state, "suppression list: bounce" in mail.error) for mail in after} == {("withheld", True)}
