"""Every mail in its reader's language, numbers and time: as it is composed for them."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.utils import timezone, translation

from project.accounts.emails import welcome
from project.blog.emails import new_comments
from project.blog.models import Comment
from project.orders import emails
from project.orders.models import Order, OrderLine


@pytest.fixture
def german(ada):
    ada.language, ada.time_zone = "de", "Europe/Berlin"
    ada.save()
    return ada


@pytest.fixture
def order(ada, lamp):
    placed = Order.objects.create(number="A1", customer=ada, currency="EUR", total=Decimal("1234.50"))
    OrderLine.objects.create(
        order=placed,
        product=lamp,
        description="Lampe <b>",
        quantity=2,
        unit_price=Decimal("518.70"),
        tax_rate=Decimal(19),
    )
    return placed


def test_a_german_order_is_confirmed_in_german_with_german_numbers(german, order):
    mail = emails.confirmation(order)

    assert (mail.language, mail.subject) == ("de", "Ihre Bestellung A1")
    for body in (mail.text, mail.html):
        assert "1.234,50\N{NO-BREAK SPACE}€" in body
        assert "Danke. Wir haben Ihre Bestellung." in body
        assert "weil Sie die Bestellung A1 aufgegeben haben" in body
    assert '<html lang="de">' in mail.html
    assert "Lampe &lt;b&gt;" in mail.html
    assert "2 x Lampe <b>: 1.037,40\N{NO-BREAK SPACE}€ netto" in mail.text


def test_the_same_order_in_english(ada, order):
    mail = emails.confirmation(order)

    assert mail.subject == "Your order A1"
    assert "€1,234.50" in mail.text


def test_times_are_those_of_the_readers_clock_and_dates_those_of_their_language(german, post, bob):
    comment = Comment.objects.create(
        post=post, author=bob, text="So?", created_at=datetime(2026, 7, 31, 22, 30, tzinfo=UTC)
    )

    mail = new_comments(post, [comment])

    assert "1. August 2026 00:30 CEST" in mail.text
    assert mail.subject == "bob hat „Hello world“ kommentiert"


def test_several_comments_are_counted_in_the_languages_own_plural(german, post, bob):
    comments = [Comment.objects.create(post=post, author=bob, text=f"Nr. {number}") for number in range(3)]

    mail = new_comments(post, comments)

    assert "3 Kommentare zu „Hello world“" in mail.text
    assert all(f"Nr. {number}" in mail.html for number in range(3))


def test_afterwards_the_language_and_the_clock_are_what_they_were(german):
    welcome(german)

    assert (translation.get_language(), timezone.get_current_timezone_name()) == ("en", "UTC")


def test_only_what_can_be_unsubscribed_has_the_link_in_both_parts(ada, post, bob, order):
    comment = new_comments(post, [Comment.objects.create(post=post, author=bob, text="So?")])

    assert all("/mail/choices/" in body for body in (comment.text, comment.html))
    for mail in (welcome(ada), emails.confirmation(order)):
        assert not any("/mail/choices/" in body for body in (mail.text, mail.html))


def test_a_text_part_reads_well_by_itself(ada, order):
    text = emails.confirmation(order).text

    assert not text.startswith(("\n", " "))
    assert "\n\n\n" not in text
    assert "&" not in text
    assert "\n-- \n" in text
