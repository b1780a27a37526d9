import subprocess
from contextlib import contextmanager, suppress
from queue import Empty
from subprocess import DEVNULL

import pytest
import redis
from django.core.exceptions import ImproperlyConfigured
from kombu import Connection
from redis.exceptions import ConnectionError as ConnectionLost
from redis.exceptions import ResponseError

from project.celery import app
from project.jobs.transport import Channel, Transport, as_text
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


@contextmanager
def redis_at(path, *options):
    command = [redis_binary(), "--port", "0", "--unixsocket", str(path), "--save", "", *options]
    server = subprocess.Popen(command, stdout=DEVNULL)
    try:
        until(path.exists, "the broker up")
        yield server
    finally:
        server.kill()
        server.wait()


def test_a_redis_that_is_too_old_is_refused_with_what_is_expected(tmp_path):
    path = tmp_path / "redis.sock"
    with redis_at(path, "--rename-command", "BLMPOP", ""), Connection(f"redis+socket://{path}") as connection:
        queue = connection.SimpleQueue("left")
        with pytest.raises(ImproperlyConfigured, match="expected Redis 7"):
            queue.get(timeout=5)


def test_what_cannot_be_put_back_is_said_and_kept_in_no_file(tmp_path, caplog, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path / "none"))  # kombu would write there what it cannot put back
    path = tmp_path / "redis.sock"
    with redis_at(path) as server, app.connection_for_read(f"redis+socket://{path}") as connection:
        queue = connection.SimpleQueue("taken")
        queue.put({})
        queue.get(timeout=5)
        server.kill()
        server.wait()
        queue.channel.qos.restore_unacked_once()
    assert "messages_not_put_back" in caplog.text


class Hands:
    """A consumer as a worker's: what it has been given, and may have in hand."""

    def __init__(self, broker, prefetch, refill):
        self.broker = redis.Redis(unix_socket_path=str(broker))
        self.broker.flushall()
        self.broker.config_resetstat()
        options = app.conf.broker_transport_options | {"refill": refill}
        self.connection = Connection(f"redis+socket://{broker}", transport_options=options)
        self.channel = self.connection.channel()
        self.got = []
        queues = [self.connection.SimpleQueue(name).queue for name in ("left", "right")]
        self.consumer = self.connection.Consumer(queues, channel=self.channel, on_message=self.got.append)
        self.consumer.qos(prefetch_count=prefetch)
        self.consumer.consume()

    def fill(self, number, queue="left"):
        for each in range(number):
            self.broker.lpush(queue, as_text({"number": each}, {}, {}, queue, f"{queue}{each}"))

    def take(self):
        """Takes what there is room for. Returns the numbers of the messages."""
        before = len(self.got)
        with suppress(TimeoutError):
            while True:
                self.connection.drain_events(timeout=0.2)
        return [message.payload["number"] for message in self.got[before:]]

    def end(self, number):
        for message in [message for message in self.got if not message.acknowledged][:number]:
            message.ack()

    @property
    def calls(self):
        return self.broker.info("commandstats").get("cmdstat_blmpop", {}).get("calls", 0)


@pytest.fixture
def hands(broker):
    made = []

    def make(prefetch, refill):
        made.append(Hands(broker, prefetch, refill))
        return made[-1]

    yield make
    for each in made:
        each.connection.close()


def test_many_messages_come_in_one_round_trip_in_their_order(hands):
    mine = hands(8, 0.5)
    mine.fill(20)
    assert mine.take() == [*range(8)]
    assert mine.calls == 1


def test_more_are_taken_when_so_many_are_missing(hands):
    mine = hands(8, 0.5)
    mine.fill(20)
    mine.take()
    mine.end(3)
    assert mine.take() == []
    mine.end(1)
    assert mine.take() == [8, 9, 10, 11]
    assert mine.calls == 2


def test_without_a_share_each_is_taken_when_there_is_room_in_turns_from_each_queue(hands):
    mine = hands(3, 0.0)
    mine.fill(5, "left")
    mine.fill(5, "right")
    assert sorted(mine.take()) == [0, 0, 1]
    mine.end(1)
    assert len(mine.take()) == 1


def test_a_worker_that_may_have_one_in_hand_takes_one(hands):
    mine = hands(1, 0.5)
    mine.fill(2)
    assert mine.take() == [0]
    mine.end(1)
    assert mine.take() == [1]


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "nonsense", "", "[]", "7", "{}", '{"properties": null}', '{"properties": {}}', b"\xff"]
)
def test_a_text_that_is_no_message_is_said_and_those_behind_it_come(hands, caplog, text):
    mine = hands(8, 0.5)
    mine.broker.lpush("left", text)
    mine.fill(2)
    assert mine.take() == [0, 1]
    assert "message_unreadable" in caplog.text


def test_what_comes_while_it_ends_is_put_back(hands):
    mine = hands(8, 0.5)
    assert mine.take() == []  # it has asked, and waits
    mine.fill(3)
    mine.connection.close()
    assert mine.broker.llen("left") == 3


def test_a_worker_that_is_told_to_end_between_two_steps_of_asking_asks_for_nothing(hands):
    mine = hands(1, 0.5)
    mine.fill(1)
    mine.take()
    mine.consumer.cancel()  # as the signal's handler does, in the midst of whatever the worker is at
    mine.channel._brpop_start()
    assert mine.channel.client.ping()  # else it would meet the refusal
    assert mine.calls == 1


def test_a_redis_that_dies_while_it_is_asked_is_an_error_that_is_recoverable(tmp_path):
    path = tmp_path / "redis.sock"
    with redis_at(path) as server, Connection(f"redis+socket://{path}") as connection:
        queue = connection.SimpleQueue("left")
        with pytest.raises(Empty):
            queue.get(timeout=0.1)
        server.kill()
        server.wait()
        with pytest.raises(connection.recoverable_connection_errors):
            queue.get(timeout=5)


def test_any_other_refusal_of_a_redis_is_told_as_it_is(hands):
    mine = hands(8, 0.5)
    mine.broker.set("left", "no list")
    with pytest.raises(ResponseError, match="WRONGTYPE"):
        mine.take()
