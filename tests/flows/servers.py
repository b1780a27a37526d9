"""What a stack stands on: databases and brokers of its own, so that nobody else's are touched."""

import os
import secrets
import shutil
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

import psycopg
from kombu import Connection

from project.queues import QUEUES
from tests.flows.processes import Process
from tests.support import redis_binary

POSTGRES = os.environ.get("TEST_DATABASE_URL", "postgres://postgres@127.0.0.1:5432/postgres")
RABBITMQ = os.environ.get("TEST_BROKER_URL", "amqp://guest:guest@127.0.0.1:5672//")
CONNECTING = 3  # seconds


class Missing(Exception):
    """A server does not answer, or cannot be used without disturbing others."""


@contextmanager
def sqlite(folder):
    yield f"sqlite:///{folder / 'db.sqlite3'}"


@contextmanager
def postgres(_folder):
    """A database with a random name on the server, dropped at the end."""
    name = f"flows_{secrets.token_hex(6)}"
    try:
        server = psycopg.connect(POSTGRES, autocommit=True, connect_timeout=CONNECTING)
    except psycopg.OperationalError as error:
        raise Missing(f"PostgreSQL does not answer at TEST_DATABASE_URL: {error}") from error
    with server:
        server.execute(f"CREATE DATABASE {name}")
        try:
            yield urlsplit(POSTGRES)._replace(path=f"/{name}").geturl()
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def postgres_or_sqlite(folder):
    """For a lane that is about its broker: the better database of those that answer."""
    with ExitStack() as undo:
        try:
            url = undo.enter_context(postgres(folder))
        except Missing:
            url = undo.enter_context(sqlite(folder))
        yield url


@contextmanager
def redis(folder):
    """A server of its own on a Unix socket; it keeps nothing on disk, so what it is killed with is gone."""
    socket = folder / "redis.sock"
    command = [redis_binary(), "--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", str(folder)]
    server = Process("redis", command, log=folder / "redis.log", env=os.environ)
    try:
        yield f"redis+socket://{socket}", server
    finally:
        server.kill()


@contextmanager
def rabbitmq(_folder):
    """A virtual host of its own where `rabbitmqctl` may make one; else the given one, if nobody works there."""
    with ExitStack() as undo:
        name = f"flows-{secrets.token_hex(6)}"
        own = urlsplit(RABBITMQ)._replace(path=f"/{name}").geturl()
        refuse_silent(RABBITMQ)
        undo.callback(rabbitmqctl, "delete_vhost", name)
        if rabbitmqctl("add_vhost", name) and rabbitmqctl("set_permissions", "-p", name, user(), ".*", ".*", ".*"):
            yield own, None
        else:
            undo.pop_all()
            remove_queues(RABBITMQ)
            undo.callback(remove_queues, RABBITMQ)
            yield RABBITMQ, None


def user():
    return urlsplit(RABBITMQ).username or "guest"


def rabbitmqctl(*words):
    """Run the command on this machine's RabbitMQ. Returns whether it did it."""
    if urlsplit(RABBITMQ).hostname not in ("127.0.0.1", "localhost") or not shutil.which("rabbitmqctl"):
        return False
    return subprocess.run(["rabbitmqctl", *words], capture_output=True, check=False).returncode == 0


def refuse_silent(url):
    try:
        with Connection(url, connect_timeout=CONNECTING) as connection:
            connection.connect()
    except OSError as error:
        raise Missing(f"RabbitMQ does not answer at TEST_BROKER_URL: {error}") from error


def remove_queues(url):
    """Remove our queues from a virtual host that others may share; refuse where somebody consumes one of them."""
    with Connection(url, connect_timeout=CONNECTING) as connection:
        there = {name: consumers for name in QUEUES if (consumers := consumers_of(connection, name)) is not None}
        if any(there.values()):
            raise Missing(f"somebody else's workers consume {', '.join(filter(there.get, there))} at TEST_BROKER_URL")
        for name in there:
            connection.default_channel.queue_delete(name)


def consumers_of(connection, queue):
    """Return how many consume a queue, or None where there is no such queue."""
    try:
        with connection.channel() as channel:
            return channel.queue_declare(queue, passive=True).consumer_count
    except connection.channel_errors:
        return None


def run_python(*words, env):
    """Run a command of the project to its end."""
    done = subprocess.run([sys.executable, *words], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(words)} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
