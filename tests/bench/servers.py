"""Servers of a run's own: PostgreSQL, Redis, and RabbitMQ when somebody is measured over it."""

import tempfile
from contextlib import suppress
from pathlib import Path

from kombu import Connection
from kombu.exceptions import ChannelError
from redis import Redis as Client
from redis.exceptions import ConnectionError as NotThere

from tests.faults.brokers import RabbitMQ
from tests.faults.databases import Postgres, free_port
from tests.faults.programs import Program
from tests.support import redis_binary, until

STARTING = 60  # seconds; RabbitMQ takes ten


class Cluster(Postgres):
    """It commits without waiting for the disk: one wait is longer than all that is compared here."""

    SETTINGS = Postgres.SETTINGS | {
        "fsync": "on",
        "synchronous_commit": "off",
        "shared_buffers": "256MB",
        "log_min_messages": "warning",
    }


class Redis:
    """It writes nothing to disk, which favours those that keep their jobs in it."""

    def __init__(self, folder, env):
        port = free_port()
        words = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self.url, self.other_url = (f"redis://127.0.0.1:{port}/{number}" for number in (0, 1))
        self.client = Client(port=port, socket_connect_timeout=1)
        command = [redis_binary(), *words, "--dir", str(folder)]
        self.programs = (Program("redis", command, folder=folder, env=env),)

    def is_ready(self):
        with suppress(NotThere):
            return self.client.ping()
        return False

    def empty(self):
        self.client.flushall()

    def length(self, queue):
        return self.client.llen(queue)

    def version(self):
        return f"Redis {self.client.info('server')['redis_version']}"


class Rabbit(RabbitMQ):
    """The fault program's node."""

    QUEUES = ("celery", "housekeeping")

    def empty(self):
        """Take its queues, and what a worker that was killed had not acknowledged."""
        with Connection(self.url) as connection:
            for queue in self.QUEUES:
                connection.default_channel.queue_delete(queue)

    def length(self, queue):
        with Connection(self.url) as connection, suppress(ChannelError):
            return connection.default_channel.queue_declare(queue, passive=True).message_count
        return 0


class Servers:
    """All that run, added to `programs` as they start. Raises LeftOut where one is not installed."""

    def __init__(self, folder, env, programs):
        self.folder, self.env, self.programs, self.brokers = folder, env, programs, {}
        self.cluster = Cluster(folder, env)
        self.programs += self.cluster.programs
        self.broker("redis")
        until(self.cluster.is_ready, "PostgreSQL answers", seconds=STARTING)

    def broker(self, kind):
        """Return a broker, started when it is asked for first."""
        if kind not in self.brokers:
            folder = Path(tempfile.mkdtemp(prefix=f"{kind}-", dir=self.folder))
            broker = {"redis": Redis, "rabbitmq": Rabbit}[kind](folder, self.env)
            self.programs += broker.programs
            until(broker.is_ready, f"{kind} answers", seconds=STARTING)
            self.brokers[kind] = broker
        return self.brokers[kind]

    def versions(self):
        return [server.version() for server in (self.cluster, *self.brokers.values())]
