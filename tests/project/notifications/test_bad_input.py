"""Odd addresses, malformed ones, and what people are called, against a real mail server."""

from email import message_from_string, policy

import pytest

from project.blog.emails import new_comments
from project.blog.models import Comment
from project.notifications.mails import record
from project.notifications.replies import Refused


@pytest.mark.parametrize(
    ("address", "envelope"),
    [
        ("ada+shop@example.com", "ada+shop@example.com"),
        ('"ada lovelace"@example.com', '"ada lovelace"@example.com'),
        ('"a@b"@example.com', '"a@b"@example.com'),
        ("o'brien!#$%&*/=?^_`{|}~-@example.com", "o'brien!#$%&*/=?^_`{|}~-@example.com"),
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("ada@[127.0.0.1]", "ada@[127.0.0.1]"),
    ],
)
def test_odd_but_legal_addresses_are_written_to(server, attempt, address, envelope):
    _, error, delivery = attempt(address=address)

    assert (error, delivery.state, server.mails[0]["to"]) == (None, "sent", [envelope])


@pytest.mark.parametrize(
    "address",
    [
        "ada@example.com\nBcc: all@example.com",
        "ada@example.com\r\nRCPT TO:<all@example.com>",
        "ada@example.com, all@example.com",
        "ada",
        "@example.com",
        "ada@",
        "ada@" + "ü" * 80 + ".example",
        "a\tb@example.com",
        "a\x7fb@example.com",
        "ada@exam\xadple.com",  # IDNA drops what cannot be seen: that is another address
        "ädä@example.com",  # it would take SMTPUTF8, and must not go to another address instead
        "",
    ],
)
def test_a_malformed_address_is_given_up_and_nothing_goes_out(server, attempt, address):
    job, error, delivery = attempt(address=address)

    assert (type(error), job.state, delivery.state) == (Refused, "failed", "failed")
    assert server.mails == []
    assert server.count("RCPT") == 0


NAMES = [
    *("n" * 300, "É" * 300, "名" * 300, "a b " * 100),
    *(f"Evil{end}Bcc: all@example.com" for end in ("\r\n", "\n", "\r", "\n\n", "\v", "\f", "\x85", "\u2028")),
]
HEADERS = {
    *("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type"),
    *("Auto-Submitted", "X-Auto-Response-Suppress", "List-Unsubscribe", "List-Unsubscribe-Post"),
}


@pytest.mark.parametrize("name", NAMES)
def test_what_people_and_posts_are_called_breaks_no_mail(server, attempt, post, bob, name):
    comment = Comment.objects.create(post=post, author=bob, text=f"{name}\r\n.\r\nMAIL FROM:<{name}>")
    bob.username = post.title = name
    record(new_comments(post, [comment]), key=f"to:{post.author.email}")

    _, error, _ = attempt(address=post.author.email)

    assert error is None
    [mail] = server.mails
    read = message_from_string(mail["content"], policy=policy.default)
    called = " ".join(name.split())
    assert mail["to"] == [post.author.email]
    assert set(read.keys()) == HEADERS
    assert read["Subject"].strip() == f"{called} commented on {called}"[:250].strip()
    assert max(map(len, mail["content"].splitlines())) <= 998
