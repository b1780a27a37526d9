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


def test_words_are_given_with_commas(monkeypatch):
    monkeypatch.setenv("HOSTS", "a, b ,,c")
    assert environment.words("HOSTS", []) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("read", "value", "message"),
    [
        (lambda: environment.boolean("X", default=True), "maybe", "X is 'maybe'; expected one of true, 1, yes"),
        (lambda: environment.text("X", "x"), "", "X is ''; expected a value, or the variable left out"),
        (lambda: environment.choice("X", "a", ["a", "b"]), "c", "X is 'c'; expected one of a, b"),
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
