import subprocess
from subprocess import DEVNULL

import pytest
from kombu import Connection
from redis.exceptions import ConnectionError as ConnectionLost

from project.celery import app
from project.jobs.transport import Channel, Transport
from tests.support import redis_binary, until


@pytest.mark.parametrize("url", ["redis://localhost", "rediss://localhost", "redis+socket:///tmp/x.sock"])
def test_every_url_of_a_redis_leads_to_it(url):
    assert Connection(url).get_transport_cls() is Transport


def test_a_channel_whose_connection_is_gone_says_so_in_an_error_that_is_recoverable(broker):
    with Connection(f"redis+socket://{broker}") as connection:
        channel = connection.channel()
        assert isinstance(channel, Channel)
        assert channel._connparams()["db"] == 0
        alive, channel.connection = channel.connection, None
        with pytest.raises(ConnectionLost) as lost:
            channel._connparams()
        channel.connection = alive
        assert isinstance(lost.value, connection.recoverable_connection_errors)


def test_what_cannot_be_put_back_is_said_and_kept_in_no_file(tmp_path, caplog, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path / "none"))  # kombu would write there what it cannot put back
    path = tmp_path / "redis.sock"
    server = subprocess.Popen([redis_binary(), "--port", "0", "--unixsocket", str(path), "--save", ""], stdout=DEVNULL)
    try:
        until(path.exists, "the broker up")
        with app.connection_for_read(f"redis+socket://{path}") as connection:
            queue = connection.SimpleQueue("taken")
            queue.put({})
            queue.get(timeout=5)
            server.kill()
            server.wait()
            queue.channel.qos.restore_unacked_once()
    finally:
        server.kill()
        server.wait()
    assert "messages_not_put_back" in caplog.text
