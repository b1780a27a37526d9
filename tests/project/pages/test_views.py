from django.template.loader import render_to_string
from django.test import Client, override_settings
from django.urls import include, path


def broken(request):
    raise RuntimeError("on purpose")


urlpatterns = [path("broken/", broken), path("", include("project.urls"))]


def test_home_leads_to_every_section(client, db):
    page = client.get("/").content.decode()

    for address in ("/shop/", "/blog/", "/photos/", "/statistics/", "/accounts/signup/"):
        assert f'href="{address}"' in page


def test_a_browser_finds_the_icon_where_a_page_names_none(client, db):
    icon = client.get(client.get("/favicon.ico")["Location"])
    icon.close()
    assert (icon.status_code, icon["Content-Type"]) == (200, "image/svg+xml")


def test_only_staff_are_led_to_jobs_and_admin(client, ada):
    client.force_login(ada)
    before = client.get("/").content.decode()
    ada.is_staff = True
    ada.save()

    after = client.get("/").content.decode()

    assert "/jobs/" not in before
    assert 'href="/jobs/"' in after
    assert 'href="/admin/"' in after


def test_mail_is_in_the_navigation_only_where_it_is_kept(client, db, settings):
    settings.KEEPS_MAIL = False

    assert 'href="/mail/"' not in client.get("/").content.decode()


def test_an_unknown_address_is_told_on_a_page_of_ours(client, db):
    answer = client.get("/nowhere/")

    assert answer.status_code == 404
    assert "Not found" in answer.content.decode()


@override_settings(ROOT_URLCONF=__name__)
def test_an_error_is_told_on_a_page_of_ours(client, db):
    client.raise_request_exception = False

    answer = client.get("/broken/")

    assert answer.status_code == 500
    assert "Something went wrong" in answer.content.decode()


def test_a_form_without_its_token_is_refused_on_a_page_of_ours(db):
    answer = Client(enforce_csrf_checks=True).post("/accounts/login/", {})

    assert answer.status_code == 403
    assert "send it again" in answer.content.decode()


def test_what_is_too_large_is_refused_on_a_page_of_ours(client, db):
    answer = client.post("/accounts/login/", {"username": "x" * 3_000_000})

    assert answer.status_code == 400
    assert "too large" in answer.content.decode()


def test_pages_load_nothing_from_elsewhere_and_hold_no_script_of_their_own(client, db):
    page = client.get("/").content.decode()

    assert 'src="http' not in page
    assert "<script>" not in page
    assert "django_htmx/htmx" in page


def test_the_error_page_needs_no_request():
    assert "An error" in render_to_string("500.html")
