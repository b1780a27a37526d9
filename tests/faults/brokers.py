"""Brokers of a run's own."""

import signal
import socket
from contextlib import suppress
from urllib.parse import urlsplit

from kombu import Connection
from redis import Redis as Client
from redis.exceptions import RedisError

from tests.faults.databases import binary, free_port
from tests.faults.programs import Program, send
from tests.support import redis_binary


class Redis:
    """A server on a Unix socket that writes what it takes to disk each second: a kill costs it the last one."""

    def __init__(self, folder, env):
        path = folder / "redis.sock"
        self.url, self.client = (
            f"redis+socket://{path}",
            Client(unix_socket_path=str(path), socket_timeout=1, retry=None),
        )
        words = ["--port", "0", "--unixsocket", str(path), "--dir", str(folder), "--save", ""]
        words += ["--appendonly", "yes", "--appendfsync", "everysec"]
        self.program = Program("redis", [redis_binary(), *words], folder=folder, env=env)
        self.programs = (self.program,)

    def is_ready(self):
        with suppress(RedisError):
            return self.client.ping()

    def kill(self):
        self.program.kill()

    def empty(self, _queues):
        """Take its memory."""
        with suppress(RedisError):
            self.client.flushall()

    def version(self):
        return f"Redis {self.client.info('server')['redis_version']}"

    def messages(self, queues):
        """Return how many messages it has, those that somebody has not acknowledged among them."""
        return sum(self.client.llen(queue) for queue in queues) + self.client.hlen("unacked")


class RabbitMQ:
    """A node of its own, with a name server of its own: the machine's may belong to somebody else's node."""

    def __init__(self, folder, env):
        port, node_port, names_port = free_port(), free_port(), free_port()
        home = folder / "rabbitmq"
        home.mkdir()
        (home / "rabbitmq.conf").write_text(f"listeners.tcp.1 = 127.0.0.1:{port}\n")
        (home / "plugins").write_text("[].\n")
        env = env | {
            "HOME": str(home),  # the cookie stands there
            "ERL_EPMD_PORT": str(names_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": f"faults{port}@localhost",
            "RABBITMQ_DIST_PORT": str(node_port),
            "RABBITMQ_MNESIA_BASE": str(home / "data"),
            "RABBITMQ_LOG_BASE": str(home / "log"),
            "RABBITMQ_CONFIG_FILE": str(home / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "plugins"),
        }
        self.url = f"amqp://guest:guest@127.0.0.1:{port}//"
        # The one on the path would become another user first, and forget where all this lies.
        server = binary("rabbitmq-server", "usr/lib/rabbitmq/bin/rabbitmq-server")
        names = Program("epmd", [binary("epmd"), "-port", str(names_port)], folder=folder, env=env)
        self.program = Program("rabbitmq", [server], folder=folder, env=env)
        self.programs = (names, self.program)

    def is_ready(self):
        at = urlsplit(self.url)
        with suppress(OSError), socket.create_connection((at.hostname, at.port), 1):
            return True
        return False

    def kill(self):
        send(signal.SIGKILL, self.program.tree())

    def empty(self, queues):
        """Take its messages."""
        with suppress(Exception), Connection(self.url, connect_timeout=2) as connection:
            for queue in queues:
                connection.default_channel.queue_purge(queue)

    def version(self):
        with Connection(self.url, connect_timeout=2) as connection:
            connection.connect()
            return f"RabbitMQ {connection.connection.server_properties['version']}"


BROKERS = {"redis": Redis, "rabbitmq": RabbitMQ}
