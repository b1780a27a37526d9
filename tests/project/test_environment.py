from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from project import environment


@pytest.mark.parametrize(
    ("value", "answer"), [("true", True), ("1", True), ("Yes", True), ("off", False), ("0", False)]
)
def test_a_truth_value_is_read(monkeypatch, value, answer):
    monkeypatch.setenv("DEBUG", value)
    assert environment.boolean("DEBUG", default=not answer) is answer


def test_what_is_left_out_has_its_default(monkeypatch):
    monkeypatch.delenv("NOTHING", raising=False)
    assert environment.boolean("NOTHING", default=True) is True
    assert environment.text("NOTHING", "x") == "x"
    assert environment.words("NOTHING", ["x"]) == ["x"]
    assert environment.choice("NOTHING", "x", ["x"]) == "x"


def test_a_folder_need_not_be_there(monkeypatch, tmp_path):
    assert environment.folder("ROOM", tmp_path) == tmp_path
    monkeypatch.setenv("ROOM", str(tmp_path / "new"))
    assert environment.folder("ROOM", tmp_path) == tmp_path / "new"


def test_a_whole_number_is_read(monkeypatch):
    assert environment.whole_number("DAYS", 30) == 30
    monkeypatch.setenv("DAYS", "14")
    assert environment.whole_number("DAYS", 30) == 14


def test_words_are_given_with_commas(monkeypatch):
    monkeypatch.setenv("HOSTS", "a, b ,,c")
    assert environment.words("HOSTS", []) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("read", "value", "message"),
    [
        (lambda: environment.boolean("X", default=True), "maybe", "X is 'maybe'; expected one of true, 1, yes"),
        (lambda: environment.text("X", "x"), "", "X is ''; expected a value, or the variable left out"),
        (lambda: environment.whole_number("X", 1), "-1", "X is '-1'; expected a whole number, 0 or more"),
        (lambda: environment.whole_number("X", 1), "²", "X is '²'; expected a whole number"),
        (lambda: environment.choice("X", "a", ["a", "b"]), "c", "X is 'c'; expected one of a, b"),
        (lambda: environment.folder("X", Path("/a")), "a/b", "X is 'a/b'; expected the absolute path of a folder"),
        (lambda: environment.folder("X", Path("/a")), __file__, "expected the absolute path of a folder"),
        (lambda: environment.folder("X", Path("/a")), "", "X is ''; expected a value"),
        (
            lambda: environment.url("X", "", ("redis",), "redis://h"),
            "http://h",
            "expected a URL that starts with redis://",
        ),
        (lambda: environment.url("X", "", ("redis",), "redis://h"), "redis", "X is 'redis'; expected a URL"),
        (lambda: environment.url("X", "", ("redis",), "redis://h"), "redis://h:no", "expected a URL"),
        (lambda: environment.url("X", "", ("redis",), "redis://h"), "redis://[h", "expected a URL"),
        (lambda: environment.url("X", "", ("redis",), "redis://h"), "redis://", "expected a URL"),
        (
            lambda: environment.parsed("X", "sqlite:nonsense", int),
            "",
            "X is 'sqlite:nonsense'; expected a URL that can",
        ),
    ],
)
def test_what_is_wrong_is_said_with_name_found_and_expected(monkeypatch, read, value, message):
    monkeypatch.setenv("X", value)
    with pytest.raises(ImproperlyConfigured) as error:
        read()
    assert message in str(error.value)


def test_a_password_is_never_shown(monkeypatch):
    monkeypatch.setenv("X", "ftp://user:hunter2@host")
    with pytest.raises(ImproperlyConfigured) as error:
        environment.url("X", "", ("redis",), "redis://h")
    assert "hunter2" not in str(error.value)
    assert "ftp://user:***@host" in str(error.value)


def test_a_socket_whose_path_is_too_long_gets_a_short_one(tmp_path):
    assert environment.socket_path(Path("/a/b.sock")) == Path("/a/b.sock")
    long = tmp_path / ("x" * 100) / "redis.sock"
    short = environment.socket_path(long)
    assert len(str(short)) < 100
    assert short == environment.socket_path(long)
    assert short.parent.stat().st_mode & 0o777 == 0o700


def test_what_a_package_reads_is_taken_by_its_prefix_and_what_is_empty_is_left_out(monkeypatch):
    monkeypatch.setenv("LETTER_KEY", "a")
    monkeypatch.setenv("LETTER_SECRET", "")

    assert environment.all_of("LETTER_") == {"KEY": "a"}


def test_an_optional_url_may_be_left_out_or_empty(monkeypatch):
    monkeypatch.delenv("MEDIA_STORE", raising=False)
    assert environment.optional_url("MEDIA_STORE", ["s3"], "s3://a") == ""
    monkeypatch.setenv("MEDIA_STORE", "")
    assert environment.optional_url("MEDIA_STORE", ["s3"], "s3://a") == ""
    monkeypatch.setenv("MEDIA_STORE", "s3://key:secret@host/bucket")
    assert environment.optional_url("MEDIA_STORE", ["s3"], "s3://a") == "s3://key:secret@host/bucket"


def test_a_store_is_a_bucket_with_a_key():
    store = environment.store_settings("s3://a%2Fkey:se%3Acret@s3.example.com:9000/media?region=eu-1")
    assert store == {
        "BACKEND": "project.buckets.BucketStorage",
        "OPTIONS": {
            "access_key": "a/key",
            "secret_key": "se:cret",
            "bucket_name": "media",
            "endpoint_url": "https://s3.example.com:9000",
            "region_name": "eu-1",
        },
    }


@pytest.mark.parametrize("value", ["s3://key:secret@host", "s3://host/bucket", "s3://key:secret@host/a/b"])
def test_a_store_without_key_or_bucket_is_refused_and_its_secret_not_shown(value):
    with pytest.raises(ImproperlyConfigured, match=r"MEDIA_STORE is .*a key, a secret and a bucket") as refused:
        environment.parsed("MEDIA_STORE", value, environment.store_settings)
    assert "secret@" not in str(refused.value)
