"""The world of a run: servers of its own, a fresh database for each measurement, probes and workers."""

import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from shutil import rmtree
from signal import SIGKILL
from urllib.parse import urlsplit

import psycopg
from redis import Redis as Client

from tests.bench.peers import PEERS
from tests.faults.databases import Postgres, free_port
from tests.faults.programs import MARK, Program, end, send
from tests.support import ROOT, redis_binary, until

STARTING = 30  # seconds


class Cluster(Postgres):
    """It commits without waiting for the disk: one wait is longer than all that is compared here."""

    SETTINGS = Postgres.SETTINGS | {
        "fsync": "on",
        "synchronous_commit": "off",
        "shared_buffers": "256MB",
        "log_min_messages": "warning",
    }


class World:
    """All that runs."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="bench-"))
        self.undo, self.servers = ExitStack(), []
        self.undo.callback(rmtree, self.folder, ignore_errors=True)
        self.undo.callback(end, self.servers, self.folder)

    def __enter__(self):
        self.env = os.environ | {MARK: str(self.folder)}
        port = free_port()
        # It writes nothing to disk, which favours those that keep their jobs in it.
        words = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        command = [redis_binary(), *words, "--dir", str(self.folder)]
        self.broker, self.client = f"redis://127.0.0.1:{port}/0", Client(port=port)
        self.servers.append(Program("redis", command, folder=self.folder, env=self.env))
        self.cluster = Cluster(self.folder, self.env)
        self.servers += self.cluster.programs
        until(self.cluster.is_ready, "PostgreSQL answers", seconds=STARTING)
        until(lambda: Client(port=port, socket_connect_timeout=1).ping(), "Redis answers", seconds=STARTING)
        self.admin = self.undo.enter_context(psycopg.connect(self.cluster.url, autocommit=True))
        return self

    def __exit__(self, *_):
        self.undo.close()

    def prepare(self, name):
        """Make a peer's tables once, in a database that the others are copied from."""
        self.admin.execute(f'CREATE DATABASE "{name}"')
        self.python(name, "-m", "django", "migrate", "--run-syncdb", "--verbosity", "0")

    def fresh(self, name):
        """Give a peer an empty database and an empty broker. Returns a connection to the former."""
        self.client.flushall()
        self.admin.execute('DROP DATABASE IF EXISTS "now" WITH (FORCE)')
        self.admin.execute(f'CREATE DATABASE "now" TEMPLATE "{name}"')
        return psycopg.connect(self.url("now"), autocommit=True)

    def url(self, database):
        return urlsplit(self.cluster.url)._replace(path=f"/{database}").geturl()

    def environment(self, name, database):
        ours = PEERS[name].is_ours
        return self.env | {
            "BENCH_PEER": name,
            "DJANGO_SETTINGS_MODULE": "tests.bench.settings_ours" if ours else "tests.bench.settings",
            "DATABASE_URL": self.url(database),
            "BROKER_URL": self.broker,
            "CACHE_URL": f"filecache://{self.folder / 'cache'}",
            "EMAIL_URL": f"filemail://{self.folder / 'mail'}",
            "LOG_FORMAT": "json",
            "PYTHONWARNINGS": "ignore",
        }

    def python(self, name, *words, database=None):
        """Run a Python of the peer's to its end. Returns what it printed."""
        env = self.environment(name, database or name)
        done = subprocess.run([sys.executable, *words], env=env, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{name}: {' '.join(words)} ended with {done.returncode}:\n{done.stderr[-3000:]}")
        return done.stdout

    def probe(self, name, what, count):
        return json.loads(self.python(name, "-m", "tests.bench.probe", what, str(count), database="now"))

    def start_workers(self, name):
        env = self.environment(name, "now")
        commands = enumerate(PEERS[name].workers)
        return [Program(f"{name}-{number}", [*words], folder=self.folder, env=env) for number, words in commands]

    def stop(self, workers):
        """Kill them: what they leave in database and broker is thrown away."""
        for worker in workers:
            send(SIGKILL, worker.tree())
            worker.popen.wait()
        time.sleep(0.1)  # what was forked meanwhile ends with the pipe to its parent
