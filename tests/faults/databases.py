"""Databases of a run's own."""

import os
import pwd
import shutil
import signal
import socket
import sqlite3
import subprocess
from contextlib import suppress
from pathlib import Path

import psycopg

from tests.faults.programs import Program, send


class LeftOut(Exception):
    """Something that a run needs is not installed here."""


def binary(name, *elsewhere):
    """Return where a program is: in a folder that distributions keep it in, or on the path."""
    found = [str(path) for pattern in elsewhere for path in sorted(Path("/").glob(pattern), reverse=True)]
    found = next(iter(found), None) or shutil.which(name)
    if not found:
        raise LeftOut(f"there is no {name} here")
    return found


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


class Sqlite:
    """One file; it has no server to die."""

    programs = ()

    def version(self):
        return f"SQLite {sqlite3.sqlite_version}"

    def __init__(self, folder, _env):
        self.url = f"sqlite:///{folder / 'db.sqlite3'}"

    def is_ready(self):
        return True


class Postgres:
    """A cluster of its own. It does not wait for the disk: what dies here is processes, never the kernel."""

    SETTINGS = {
        "listen_addresses": "127.0.0.1",
        "fsync": "off",
        "max_connections": "200",
        "shared_buffers": "64MB",
        "max_wal_size": "2GB",  # a crash must not replay for long, nor checkpoints take the processor
        "log_min_messages": "fatal",
    }

    def __init__(self, folder, env):
        self.data, self.port = folder / "postgres", free_port()
        # It refuses to run as root.
        self.user = "postgres" if os.getuid() == 0 else None
        self.name = self.user or pwd.getpwuid(os.getuid()).pw_name
        self.url = f"postgres://{self.name}@127.0.0.1:{self.port}/postgres"
        self.initialise(folder)
        settings = {**self.SETTINGS, "port": self.port, "unix_socket_directories": ""}
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        command = [binary("postgres", "usr/lib/postgresql/*/bin/postgres"), "-D", str(self.data), *words]
        self.program = Program("postgres", command, folder=folder, env=env, user=self.user)
        self.programs = (self.program,)

    def initialise(self, folder):
        folder.chmod(0o755)  # the other user must come through
        self.data.mkdir()
        if self.user:
            shutil.chown(self.data, self.user, self.user)
        words = ["-D", str(self.data), "-A", "trust", "-U", self.name, "-N", "-E", "UTF8", "--locale=C"]
        command = [binary("initdb", "usr/lib/postgresql/*/bin/initdb"), *words]
        subprocess.run(command, check=True, capture_output=True, user=self.user, group=self.user, cwd="/")

    def is_ready(self):
        with suppress(psycopg.OperationalError), psycopg.connect(self.url, connect_timeout=2):
            return True
        return False

    def version(self):
        with psycopg.connect(self.url) as server:
            return f"PostgreSQL {server.info.server_version // 10_000}"

    def cut(self):
        """Cut all connections."""
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend'"
        with suppress(psycopg.OperationalError), psycopg.connect(self.url, connect_timeout=2) as server:
            server.execute(f"{others} AND pid <> pg_backend_pid()")

    def crash(self):
        """Stop it at once, as `pg_ctl -m immediate` does; it recovers from its log when it starts."""
        send(signal.SIGQUIT, [self.program.process])


DATABASES = {"sqlite": Sqlite, "postgres": Postgres}
