import pytest
from django.test import Client

from project.notifications import choices

ONE_CLICK = {"List-Unsubscribe": "One-Click"}

pytestmark = pytest.mark.usefixtures("digests")


@pytest.fixture
def strict():
    """A mail program: no cookies, and CSRF tokens asked for where the site asks for them."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def link(settings):
    return choices.unsubscribe_url("ada@example.com", "comment").removeprefix(settings.SITE_URL)


@pytest.mark.parametrize("how", ["multipart", "urlencoded"])
def test_one_click_unsubscribes_without_cookie_token_or_redirect_once_or_twice(strict, db, link, how):
    body = {"data": ONE_CLICK}
    if how == "urlencoded":
        body = {"data": "List-Unsubscribe=One-Click", "content_type": "application/x-www-form-urlencoded"}

    first, second = strict.post(link, **body), strict.post(link, **body)

    assert [first.status_code, second.status_code] == [200, 200]
    assert (first.content, first["Content-Type"]) == (b"You are unsubscribed.", "text/plain; charset=utf-8")
    assert not strict.cookies
    assert choices.chosen("ada@example.com") == ["digest"]


@pytest.mark.parametrize("method", ["get", "head", "put", "options"])
def test_looking_changes_nothing(strict, db, link, method):
    getattr(strict, method)(link)

    assert choices.chosen("ada@example.com") == ["comment", "digest"]
    assert not strict.cookies


def test_the_page_shows_what_comes_and_keeps_what_is_chosen(strict, db, link):
    page = strict.get(link).content.decode()
    saved = strict.post(link, {"kinds": ["digest"]}).content.decode()

    assert "ada@example.com" in page
    assert page.count("checked") == 2
    assert "Your choice is saved." in saved
    assert choices.chosen("ada@example.com") == ["digest"]


def test_a_choice_that_there_is_not_changes_nothing(strict, db, link):
    answer = strict.post(link, {"kinds": ["order"]})

    assert answer.context["form"].errors
    assert choices.chosen("ada@example.com") == ["comment", "digest"]


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_link_that_was_altered_is_refused_with_a_word_on_what_to_do(strict, db, link, method):
    altered = link.replace(link[20], "x" if link[20] != "x" else "y", 1) if method == "get" else link[:-3] + "/"

    answer = getattr(strict, method)(altered, ONE_CLICK)

    assert answer.status_code == 404
    assert "Nothing was changed" in answer.content.decode()
    assert choices.chosen("ada@example.com") == ["comment", "digest"]


def test_the_link_works_where_mails_are_sent_too(strict, db, link, settings):
    settings.KEEPS_MAIL = False

    assert strict.get(link).status_code == 200


def test_the_page_is_in_the_language_of_the_browser(strict, db, link):
    page = strict.get(link, headers={"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}).content.decode()

    assert '<html lang="de">' in page
    assert "Was Sie per E-Mail bekommen" in page
