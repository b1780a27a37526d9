"""Odd addresses, malformed ones, and what people are called, against a real mail server."""

from email import message_from_string, policy

import pytest

from project.notifications.mails import record
from project.notifications.replies import Refused
from tests.project.notifications.letters import letter


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
        "a b@example.com",
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


@pytest.mark.parametrize("name", ["n" * 300, "Evil\r\nBcc: all@example.com", "É" * 300, "名" * 300, "a b " * 100])
def test_what_people_are_called_breaks_no_mail(server, attempt, name):
    record(letter(subject=name.replace("\r\n", " ")[:250], text=f"Dear {name},"), key="to:ada@example.com")

    _, error, _ = attempt()

    assert error is None
    read = message_from_string(server.mails[0]["content"], policy=policy.default)
    assert read["Bcc"] is None
    assert read["Subject"].strip() == name.replace("\r\n", " ")[:250].strip()
    assert max(map(len, server.mails[0]["content"].splitlines())) <= 998
