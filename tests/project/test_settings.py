import pytest

from tests.support import fails_to_start, python

PRODUCTION = {"DEBUG": "false", "SECRET_KEY": "x" * 60, "EMAIL_URL": "smtp+tls://u:p@mail:587"}
SHOW = "from django.conf import settings; print(settings.{})"


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("DEBUG", "maybe", "DEBUG is 'maybe'; expected one of true"),
        ("DATABASE_URL", "mysql://h/d", "DATABASE_URL is 'mysql://h/d'; expected a URL that starts with sqlite://"),
        ("DATABASE_URL", "", "DATABASE_URL is ''; expected a value"),
        ("BROKER_URL", "localhost:6379", "BROKER_URL is 'localhost:6379'; expected a URL that starts with redis://"),
        ("CACHE_URL", "memcached://h", "CACHE_URL is 'memcached://h'; expected"),
        ("EMAIL_URL", "http://h", "EMAIL_URL is 'http://h'; expected a URL that starts with smtp://"),
        ("LOG_FORMAT", "xml", "LOG_FORMAT is 'xml'; expected one of columns, json"),
        ("SITE_URL", "example.com", "SITE_URL is 'example.com'; expected a URL that starts with http://"),
    ],
)
def test_a_malformed_value_stops_the_start_with_name_found_and_expected(name, value, found):
    assert found in fails_to_start(**{name: value})


@pytest.mark.parametrize("missing", ["SECRET_KEY", "EMAIL_URL"])
def test_production_with_an_embedded_default_is_refused(missing):
    given = {name: value for name, value in PRODUCTION.items() if name != missing}
    assert f"{missing} " in fails_to_start(**given)


def test_production_starts_with_values_of_its_own():
    assert python(SHOW.format("EMAIL_USE_TLS"), **PRODUCTION).strip() == "True"


def test_mails_are_kept_where_the_variable_says():
    assert python(SHOW.format("EMAIL_FILE_PATH"), EMAIL_URL="filemail:///some/where").strip() == "/some/where"


def test_a_broker_password_and_a_database_are_taken_as_given():
    url = "postgres://u:p@db:6543/shop"
    said = python(SHOW.format("DATABASES['default']"), DATABASE_URL=url)
    assert "'HOST': 'db'" in said
    assert "transaction_mode" not in said


def test_sqlite_writes_ahead_and_takes_its_lock_at_once(tmp_path):
    code = (
        "from django.db import connection as c\nwith c.cursor() as cursor: print(cursor.execute({!r}).fetchone(), {})"
    )
    code = code.format("PRAGMA journal_mode", "c.transaction_mode")
    assert python(code, DATABASE_URL=f"sqlite:///{tmp_path}/a.db").strip() == "('wal',) IMMEDIATE"


def test_a_provider_is_named_with_its_settings():
    url = "anymail://mailgun?api_key=k%26y&sender_domain=mg.example.com&webhook_secret=a:b"
    said = python("from django.conf import settings as s; print(s.EMAIL_BACKEND, s.ANYMAIL)", EMAIL_URL=url)
    assert said.startswith("anymail.backends.mailgun.EmailBackend ")
    for pair in ("'MAILGUN_API_KEY': 'k&y'", "'MAILGUN_SENDER_DOMAIN': 'mg.example.com'", "'WEBHOOK_SECRET': 'a:b'"):
        assert pair in said


@pytest.mark.parametrize("url", ["anymail://nobody?api_key=sesame", "anymail://os.path", "anymail://postmark?sesame"])
def test_a_provider_that_is_none_is_refused_and_its_key_not_shown(url):
    said = fails_to_start(EMAIL_URL=url)
    assert f"EMAIL_URL is '{url.partition('?')[0]}'; expected" in said
    assert "sesame" not in said


@pytest.mark.parametrize("value", ["soon", "-1", "inf", "nan", ""])
def test_seconds_are_a_number(value):
    assert f"COMMENT_MAIL_SETTLE is '{value}'; expected seconds" in fails_to_start(COMMENT_MAIL_SETTLE=value)
