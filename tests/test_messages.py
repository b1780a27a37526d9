"""Everything that can be said is said in every language that is shipped."""

import re
from string import Formatter

import pytest
from django.conf import settings

from tests import messages

CATALOGS = dict(messages.catalogs())
named = pytest.mark.parametrize("path", CATALOGS, ids=lambda path: path.parts[-3])


def placeholders(text):
    return sorted(set(re.findall(r"%\(\w+\)s", text))), sorted(n for _, n, _, _ in Formatter().parse(text) if n)


def test_every_language_has_its_catalog():
    assert {path.parts[-3] for path in CATALOGS} == {code for code, _ in settings.LANGUAGES} - {settings.LANGUAGE_CODE}


@named
def test_nothing_is_left_untranslated(path):
    known = CATALOGS[path]
    missing = [message.id for message in messages.found() if message.id and message.id not in known]
    assert (missing, messages.untranslated(known)) == ([], []), "make messages, then translate"


@named
def test_a_translation_names_what_its_original_names(path):
    for message in CATALOGS[path]:
        for form in messages.forms(message) if message.id else []:
            original = message.id if isinstance(message.id, str) else message.id[-1]
            assert set(placeholders(form)[0]) <= set(placeholders(original)[0]), form
            assert placeholders(form)[1] == placeholders(original)[1], form


@named
def test_what_is_read_is_what_was_translated(path):
    assert path.with_suffix(".mo").read_bytes() == messages.as_mo(CATALOGS[path]), "make messages"


@pytest.mark.parametrize(
    "word",
    [
        r"(?i)\bdu\b|\bdein|\blade\b",  # readers are "Sie"
        r"Gutschrift",  # the customer's own invoice, in tax law: UStG, 14 (2)
        r"jemand\b.* angemeldet",  # that is to log in
    ],
)
def test_german_does_not_say(word):
    [german] = [catalog for path, catalog in CATALOGS.items() if path.parts[-3] == "de"]
    assert [form for message in german for form in messages.forms(message) if re.search(word, form)] == []
