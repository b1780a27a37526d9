import pytest
from django.core.signing import BadSignature

from project.notifications import choices
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


def test_a_link_outlives_its_key(db, settings):
    token = choices.unsubscribe_url("ada@example.com", "comment").rstrip("/").rpartition("/")[2]
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another"

    assert choices.read_token(token) == ("ada@example.com", "comment")
