from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.core.signing import BadSignature
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from project.notifications import choices
from project.notifications.addresses import normal
from project.notifications.models import Suppression, Unsubscription

pytestmark = pytest.mark.usefixtures("digests")


def test_a_link_says_whose_it_is_and_for_what():
    token = choices.unsubscribe_url("Ada@Example.com", "comment").rstrip("/").rpartition("/")[2]

    assert choices.read_token(token) == ("ada@example.com", "comment")


@pytest.mark.parametrize("kind", ["order", "invoice", "reminder", "welcome", ""])
def test_mails_that_one_needs_have_no_link_and_come_whatever_is_chosen(db, kind):
    choices.choose("ada@example.com", [])
    Unsubscription.objects.create(address="ada@example.com", kind=kind)

    assert choices.unsubscribe_url("ada@example.com", kind) == ""
    assert choices.withheld_because("ada@example.com", kind) == ""


@pytest.mark.parametrize("token", ["", "x", "WyJhIl0:x", "\0", "é", "a:b:c", "x" * 5000])
def test_a_token_of_others_is_refused(token):
    with pytest.raises(BadSignature):
        choices.read_token(token)


def test_who_unsubscribes_gets_no_more_of_that_kind_alone_and_case_does_not_matter(db):
    choices.unsubscribe("Ada@Example.com", "comment")
    choices.unsubscribe("ada@example.COM", "comment")

    assert choices.withheld_because("ADA@example.com", "comment") == "unsubscribed from comment mails"
    assert choices.withheld_because("ada@example.com", "digest") == ""
    assert choices.withheld_because("bob@example.com", "comment") == ""
    assert choices.chosen("ADA@EXAMPLE.COM") == ["digest"]


def test_what_is_chosen_again_comes_again(db):
    choices.choose("ada@example.com", ["digest"])
    choices.choose("Ada@example.com", ["comment"])

    assert choices.chosen("ada@example.com") == ["comment"]
    assert choices.withheld_because("ada@example.com", "comment") == ""


@pytest.mark.parametrize("kind", ["order", "welcome", "comment"])
def test_whom_nobody_writes_to_gets_nothing_not_even_about_an_order(db, kind):
    choices.suppress("Ada@Example.com", Suppression.Reason.BOUNCE, "Postmark: bounced")
    choices.suppress("ada@example.com", Suppression.Reason.COMPLAINT, "later")

    suppression = Suppression.objects.get()
    assert suppression.reason == "bounce"
    assert choices.withheld_because("ada@EXAMPLE.com", kind) == (
        f"the address is on the suppression list: bounce since {suppression.since:%Y-%m-%d}"
    )


SPELLINGS = [
    "ada@bücher.example",
    "ADA@BÜCHER.EXAMPLE",
    "ada@xn--bcher-kva.example",
    "Ada@XN--BCHER-KVA.example",
    "Ada <ada@bücher.example>",
    '"Lovelace, Ada" <ada@bücher.example> ',
    "<ada@xn--bcher-kva.example>",
]


@pytest.mark.parametrize("stored", SPELLINGS)
def test_an_address_is_the_same_however_it_is_spelled(db, stored):
    choices.suppress(stored, Suppression.Reason.BOUNCE, "Postmark: bounced")

    assert Suppression.objects.get().address == "ada@xn--bcher-kva.example"
    assert all(choices.withheld_because(asked, "order") for asked in SPELLINGS)
    assert choices.withheld_because("bob@bücher.example", "order") == ""


def test_whom_a_program_puts_on_the_list_is_found(db):
    Suppression.objects.create(address="Ada@Example.com", source="asked by phone")

    assert choices.withheld_because("ada@example.com", "order")


@pytest.mark.parametrize("address", ["", "ada", "@", "ada@", "ada@a..b", f"ada@{'ü' * 80}.example", "<>", "ada@\ud800"])
def test_what_is_no_address_is_compared_as_it_is(address):
    assert normal(address) == address


@given(st.text() | st.builds("{}@{}.example".format, st.text(), st.text()))
def test_every_text_can_be_compared_and_fits(text):
    assert len(normal(text)) <= Suppression._meta.get_field("address").max_length


def test_rows_of_before_are_written_as_they_are_compared_now(db):
    for address in ("ada@bücher.example", "ada@xn--bcher-kva.example", "Eve <eve@example.com>", "bob@example.com"):
        Suppression.objects.bulk_create([Suppression(address=address, source=address)])
        Unsubscription.objects.create(address=address, kind="comment")
    Unsubscription.objects.create(address="ada@bücher.example", kind="digest")

    migration = import_module("project.notifications.migrations.0004_normal_addresses")
    migration.normalise(apps, SimpleNamespace(connection=connection))

    addresses = ["ada@xn--bcher-kva.example", "bob@example.com", "eve@example.com"]
    assert list(Suppression.objects.order_by("address").values_list("address", flat=True)) == addresses
    assert list(Unsubscription.objects.order_by("kind", "address").values_list("kind", "address")) == [
        *[("comment", address) for address in addresses],
        ("digest", addresses[0]),
    ]


def test_a_link_outlives_its_key(db, settings):
    token = choices.unsubscribe_url("ada@example.com", "comment").rstrip("/").rpartition("/")[2]
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another"

    assert choices.read_token(token) == ("ada@example.com", "comment")
