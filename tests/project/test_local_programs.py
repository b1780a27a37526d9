from configparser import RawConfigParser

import pytest

from project.local_programs import configuration
from project.queues import QUEUES


@pytest.fixture
def parsed(tmp_path, settings):
    """Returns the configuration, read as supervisor reads it."""
    settings.VAR = tmp_path
    settings.BROKER_URL = f"redis+socket://{tmp_path / '100 %' / 'redis.sock'}"

    def read(redis):
        parser = RawConfigParser(inline_comment_prefixes=(";", "#"))
        parser.read_string(configuration(port=8001, flower_port=5556, redis=redis))
        return parser

    return read


def test_every_queue_has_a_worker(parsed):
    for queue in QUEUES:
        assert parsed("redis")[f"program:worker-{queue}"]["command"] == f"python celery_worker.py run {queue}"


def test_all_but_the_broker_are_stopped_at_once_and_the_broker_last(parsed):
    sections = parsed("redis")
    programs = {name.removeprefix("program:") for name in sections.sections() if name.startswith("program:")}
    assert set(sections["group:site"]["programs"].split(",")) == programs - {"redis"}
    assert sections.getint("program:redis", "priority") < sections.getint("group:site", "priority")


def test_a_worker_is_told_alone_and_killed_with_its_children(parsed):
    worker = parsed("redis")["program:worker-email"]
    assert (worker["stopasgroup"], worker["killasgroup"]) == ("false", "true")


def test_the_broker_keeps_its_data_and_opens_no_port(parsed, tmp_path):
    command = parsed("/a b/redis-server")["program:redis"]["command"]
    assert command.startswith("'/a b/redis-server' --port 0 --unixsocket ")
    assert "--appendonly yes" in command
    assert "--unixsocketperm 700" in command
    assert "100 %%/redis.sock" in command  # supervisor reads %% as %
    assert (tmp_path / "redis").is_dir()


def test_no_broker_is_started_where_one_is_given(parsed):
    assert "program:redis" not in parsed(None)


def test_servers_listen_on_this_machine_only(parsed):
    assert "--bind 127.0.0.1:8001" in parsed(None)["program:web"]["command"]
    assert "--address=127.0.0.1 --port=5556" in parsed(None)["program:flower"]["command"]


def test_no_password_is_in_the_configuration(parsed, monkeypatch):
    monkeypatch.setenv("FLOWER_BASIC_AUTH", "ada:sesame")
    assert not any("sesame" in value for section in parsed("redis").values() for value in section.values())


def test_what_ends_by_itself_is_not_started_again(parsed):
    assert parsed(None)["program:ready"]["autorestart"] == "false"
