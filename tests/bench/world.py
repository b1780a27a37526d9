"""The world of a run: servers of its own, a fresh database for each measurement, probes and workers."""

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, closing
from pathlib import Path
from shutil import copyfile, rmtree
from signal import SIGKILL
from urllib.parse import urlsplit

import psycopg

from tests.bench.peers import PEERS
from tests.bench.servers import Servers
from tests.faults.programs import MARK, Program, end, send
from tests.support import ROOT

AWAY = "redis://127.0.0.1:1/0"  # a broker that is not there: nobody listens on the first port


class World:
    """All that runs."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="bench-"))
        self.env = os.environ | {MARK: str(self.folder)}
        self.file = self.folder / "now.sqlite3"
        self.programs, self.prepared = [], set()

    def __enter__(self):
        with ExitStack() as undo:
            undo.callback(rmtree, self.folder, ignore_errors=True)
            undo.callback(end, self.programs, self.folder)
            self.servers = Servers(self.folder, self.env, self.programs)
            self.admin = undo.enter_context(psycopg.connect(self.servers.cluster.url, autocommit=True))
            self.undo = undo.pop_all()
        return self

    def __exit__(self, *_):
        self.undo.close()

    def prepare(self, name, *, on_sqlite=False):
        """Make a peer's tables once, in databases that the others are copied from."""
        schema = PEERS[name].schema
        self.servers.broker(PEERS[name].broker)
        if schema not in self.prepared:
            self.admin.execute(f'CREATE DATABASE "{schema}"')
            self.migrate(name, self.url(schema))
            self.prepared.add(schema)
        if on_sqlite and not self.template(schema).exists():
            self.migrate(name, f"sqlite:///{self.template(schema)}")

    def migrate(self, name, url):
        self.python(name, "-m", "django", "migrate", "--run-syncdb", "--verbosity", "0", DATABASE_URL=url)

    def template(self, schema):
        return self.folder / f"{schema}.sqlite3"

    def fresh(self, name, database="now"):
        """Give a peer an empty database and an empty broker. Returns a connection to the former."""
        self.servers.broker(PEERS[name].broker).empty()
        self.admin.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
        self.admin.execute(f'CREATE DATABASE "{database}" TEMPLATE "{PEERS[name].schema}"')
        return psycopg.connect(self.url(database), autocommit=True)

    def fresh_file(self, name):
        """Give a peer an empty SQLite and an empty broker. Returns a connection to the former."""
        self.servers.broker(PEERS[name].broker).empty()
        for path in self.folder.glob(f"{self.file.name}*"):
            path.unlink()
        copyfile(self.template(PEERS[name].schema), self.file)
        return closing(sqlite3.connect(self.file))

    def url(self, database):
        return urlsplit(self.servers.cluster.url)._replace(path=f"/{database}").geturl()

    def environment(self, name, **others):
        """Return the environment of a peer's processes. others: variables that are to be other ones."""
        peer = PEERS[name]
        return self.env | {
            "BENCH_PEER": name,
            "DJANGO_SETTINGS_MODULE": "tests.bench.settings_ours" if peer.is_ours else "tests.bench.settings",
            "DATABASE_URL": self.url("now"),
            "BROKER_URL": self.servers.broker(peer.broker).url,
            "CACHE_URL": f"filecache://{self.folder / 'cache'}",
            "EMAIL_URL": f"filemail://{self.folder / 'mail'}",
            "MAIL_NOTES_ROOT": str(self.folder / "notes"),
            "LOG_FORMAT": "json",
            "PYTHONWARNINGS": "ignore",
            **others,
        }

    def python(self, name, *words, **others):
        """Run a Python of the peer's to its end. Returns what it printed."""
        env = self.environment(name, **others)
        done = subprocess.run([sys.executable, *words], env=env, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{name}: {' '.join(words)} ended with {done.returncode}:\n{done.stderr[-3000:]}")
        return done.stdout

    def probe(self, name, what, *numbers, **others):
        return json.loads(self.python(name, "-m", "tests.bench.probe", what, *map(str, numbers), **others))

    def start(self, name, commands, **others):
        env = self.environment(name, **others)
        numbered = enumerate(commands)
        return [Program(f"{name}-{number}", [*words], folder=self.folder, env=env) for number, words in numbered]

    def stop(self, workers):
        """Kill them: what they leave in database and broker is thrown away."""
        for worker in workers:
            send(SIGKILL, worker.tree())
            worker.popen.wait()
        time.sleep(0.1)  # what was forked meanwhile ends with the pipe to its parent
