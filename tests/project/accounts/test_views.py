from datetime import UTC, datetime

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.utils import timezone

from project.accounts.forms import SignUpForm
from project.accounts.models import User
from project.accounts.views import new_user
from project.jobs.models import Job
from project.notifications import choices

READS = {"language": "de", "time_zone": "Europe/Berlin"}
GOOD = {"username": "eve", "email": "eve@example.com", "password1": "long-enough-1", "password2": "long-enough-1"}


def test_who_signs_up_is_logged_in_and_sees_the_jobs_of_it(client, db):
    answer = client.post("/accounts/signup/", GOOD, follow=True)

    assert answer.redirect_chain == [("/accounts/", 302)]
    assert answer.context["user"].email == "eve@example.com"
    assert {job.task for job in answer.context["jobs"]} >= {"housekeeping.create_profile", "email.welcome"}


def test_who_is_logged_in_does_not_sign_up_again(client, ada):
    client.force_login(ada)

    assert client.get("/accounts/signup/").url == "/accounts/"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", ""),
        ("username", "a\0b"),
        ("username", "x" * 151),
        ("username", "ada"),
        ("email", ""),
        ("email", "nobody"),
        ("email", "a\0b@example.com"),
        ("email", "x" * 250 + "@example.com"),
        ("email", "ADA@Example.com"),
        ("password2", "another-one-2"),
    ],
)
def test_a_bad_sign_up_is_refused_at_its_field_and_causes_no_job(client, ada, field, value):
    before = Job.objects.count()

    answer = client.post("/accounts/signup/", {**GOOD, field: value})

    assert list(answer.context["form"].errors) == [field]
    assert "aria-invalid" in answer.content.decode()
    assert Job.objects.count() == before


@pytest.mark.parametrize("field", ["username", "email"])
def test_of_two_who_sign_up_at_once_the_second_is_told_at_the_field(db, field):
    other = {"username": "eva", "email": "eva@example.com"}
    first, second = SignUpForm(GOOD), SignUpForm({**GOOD, **other, field: GOOD[field]})
    assert first.is_valid()
    assert second.is_valid()

    assert new_user(first)
    assert new_user(second) is None

    assert list(second.errors) == [field]
    assert User.objects.count() == 1


def test_somebody_logs_in_and_out(client, ada):
    logged_in = client.post("/accounts/login/", {"username": "ada", "password": "a-long-password"})
    logged_out = client.post("/accounts/logout/")

    assert logged_in.url == "/accounts/"
    assert logged_out.url == "/"
    assert client.get("/accounts/").url == "/accounts/login/?next=/accounts/"


@pytest.mark.parametrize("name", ["ada", "a\0da", "x" * 10_000, ""])
def test_a_wrong_login_is_refused(client, ada, name):
    answer = client.post("/accounts/login/", {"username": name, "password": "wrong"})

    assert answer.status_code == 200
    assert answer.context["form"].errors


def test_the_profile_is_changed(client, ada):
    client.force_login(ada)

    answer = client.post("/accounts/", {"bio": "I count.", **READS})

    assert answer.url == "/accounts/"
    user = User.objects.get()
    assert (user.profile.bio, user.language, user.time_zone) == ("I count.", "de", "Europe/Berlin")


@pytest.mark.parametrize("bio", ["a\0b", "x" * 2001])
def test_a_bad_profile_is_refused_at_its_field_and_causes_no_job(client, ada, bio):
    client.force_login(ada)
    client.get("/accounts/")
    before = Job.objects.count()

    answer = client.post("/accounts/", {"bio": bio, **READS})

    assert [list(form.errors) for form in answer.context["forms"]] == [["bio"], []]
    assert Job.objects.count() == before


def test_a_refresh_of_the_live_section_uses_up_no_message(client, ada):
    client.force_login(ada)
    client.post("/accounts/", {"bio": "I count.", **READS})

    refresh = client.get("/accounts/", headers={"HX-Request": "true"})
    page = client.get("/accounts/")

    assert "ist gespeichert" not in refresh.content.decode()
    assert "ist gespeichert" in page.content.decode()
    assert not list(get_messages(client.get("/accounts/").wsgi_request))


@pytest.mark.parametrize("page", ["accounts/user/", "accounts/user/add/", "accounts/profile/"])
def test_the_admin_shows_people(admin_client, ada, page):
    assert admin_client.get(f"/admin/{page}").status_code == 200


@pytest.mark.parametrize(
    ("field", "value"), [("language", "xx"), ("language", ""), ("time_zone", "Mars/Base"), ("time_zone", "a\0b")]
)
def test_a_language_or_a_time_zone_that_there_is_not_is_refused_at_its_field(client, ada, field, value):
    client.force_login(ada)

    answer = client.post("/accounts/", {"bio": "I count.", **READS, field: value})

    assert [list(form.errors) for form in answer.context["forms"]] == [[], [field]]
    assert User.objects.get().profile.bio == ""


@pytest.mark.parametrize(
    ("asked", "language"), [("de-AT,de;q=0.9,en;q=0.5", "de"), ("fr", "en"), ("", "en"), ("\x7f;;q=9", "en")]
)
def test_who_signs_up_is_written_to_in_the_language_of_the_browser(client, db, asked, language):
    client.post("/accounts/signup/", GOOD, headers={"Accept-Language": asked})

    assert User.objects.get().language == language


def test_pages_follow_who_reads_them_whatever_the_browser_asks_for(client, ada):
    ada.language, ada.time_zone = "de", "Asia/Tokyo"
    ada.date_joined = datetime(2026, 11, 24, 20, tzinfo=UTC)
    ada.save()
    client.force_login(ada)

    page = client.get("/accounts/", headers={"Accept-Language": "en"})
    after = client.get("/accounts/login/", headers={"Accept-Language": "en"}, follow=False)

    assert page["Content-Language"] == "de"
    assert "Mitglied seit" in page.content.decode()
    assert "25. November 2026" in page.content.decode()
    assert after.status_code == 302
    assert (timezone.get_current_timezone_name(), Client().get("/").headers["Content-Language"]) == ("UTC", "en")


def test_somebody_chooses_what_comes_by_mail(client, ada, digests):
    client.force_login(ada)

    page = client.get("/accounts/mail/").content.decode()
    answer = client.post("/accounts/mail/", {"kinds": ["digest"]})
    bad = client.post("/accounts/mail/", {"kinds": ["order"]})

    assert page.count("checked") == 2
    assert answer.url == "/accounts/mail/"
    assert bad.context["form"].errors
    assert choices.chosen("ada@example.com") == ["digest"]


def test_what_comes_by_mail_is_chosen_by_who_is_logged_in(client, db):
    assert client.get("/accounts/mail/").url == "/accounts/login/?next=/accounts/mail/"
