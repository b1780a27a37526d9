"""The world of a run: servers, site, workers, writers, all real and all its own."""

import heapq
import itertools
import json
import os
import socket
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from shutil import rmtree

from tests.faults.brokers import BROKERS
from tests.faults.databases import DATABASES
from tests.faults.disk import Disk
from tests.faults.programs import MARK, Program, end, python
from tests.faults.sink import Sink

TICK = 0.05  # seconds between two looks
STARTING = 60  # seconds; it takes about eight
SERVE = ["-m", "gunicorn", "project.wsgi", "-w", "2", "-k", "gthread", "--threads", "4", "--no-control-socket"]


class World:
    """All that runs."""

    def __init__(self, options):
        self.options, self.programs, self.later = options, [], []
        self.order = itertools.count()
        self.folder = Path(tempfile.mkdtemp(prefix="faults-"))
        self.undo = ExitStack()
        self.undo.callback(self.remove)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.undo.close()

    def start_servers(self):
        """Start what the site stands on, and let this process be one of the site's too."""
        (self.folder / "journals").mkdir()
        self.disk = Disk(self.folder)
        self.undo.callback(self.disk.remove, keep=self.options.keep)
        self.sink = Sink(self.folder / "mails.jsonl")
        self.sink.start()
        self.undo.callback(self.sink.stop)
        self.socket = self.undo.enter_context(socket.create_server(("127.0.0.1", 0)))
        self.site = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        self.undo.callback(end, self.programs, self.folder)
        marked = os.environ | {MARK: str(self.folder)}
        self.broker = BROKERS[self.options.broker](self.folder, marked)
        self.programs += self.broker.programs
        self.database = DATABASES[self.options.database](self.folder, marked)
        self.programs += self.database.programs
        self.env = marked | self.environment()
        os.environ.update(self.environment())
        self.wait("the servers", lambda: self.broker.is_ready() and self.database.is_ready())

    def environment(self):
        return {
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
            "DEBUG": "true",
            "SECRET_KEY": "faults-" + 44 * "x",
            "SITE_URL": self.site,
            "DATABASE_URL": self.database.url,
            "BROKER_URL": self.broker.url,
            "CACHE_URL": f"filecache://{self.folder / 'cache'}",
            "EMAIL_URL": f"smtp://127.0.0.1:{self.sink.port}",
            "COMMENT_MAIL_SETTLE": "2",
            "MEDIA_ROOT": str(self.disk.media),
            "MAIL_NOTES_ROOT": str(self.folder / "notes"),
            "FAULTS_PLAIN": "true" if self.options.plain else "false",
            # As root each worker says so at length.
            "PYTHONWARNINGS": "ignore:You're running the worker with superuser",
        }

    def start_site(self, queues):
        bound = self.socket.fileno()
        self.web = self.begin("web", python(*SERVE, "-b", f"fd://{bound}"), inherited=[bound])
        self.workers = {queue: self.begin_worker(queue, queue) for queue in queues}

    def begin_worker(self, queue, name):
        return self.begin(name, python("celery_worker.py", "run", queue, "--", "-n", f"{name}@%h"))

    def start_writers(self, writers):
        """Start the writers. writers: the options of each, by name."""
        self.writers = []
        for name, own in writers.items():
            options = {**own, "name": name, "seed": self.options.seed, "folder": str(self.folder / "journals")}
            self.writers.append(self.begin(name, python("-m", "tests.faults.writer", json.dumps(options))))

    def begin(self, name, command, inherited=()):
        program = Program(name, command, folder=self.folder, env=self.env, inherited=inherited)
        self.programs.append(program)
        return program

    def after(self, seconds, action):
        """Do something later, in this same thread: the kernel would end programs with the thread that started them."""
        heapq.heappush(self.later, (time.monotonic() + seconds, next(self.order), action))

    def tick(self):
        """Look after everything once."""
        while self.later and self.later[0][0] <= time.monotonic():
            heapq.heappop(self.later)[2]()
        for program in list(self.programs):
            program.look()
        time.sleep(TICK)

    def wait(self, what, condition, seconds=STARTING):
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise RuntimeError(f"{what}: not ready after {seconds} s; see the logs in {self.folder} (--keep)")
            self.tick()

    def versions(self):
        """Return the versions of the servers."""
        return {"broker": self.broker.version(), "database": self.database.version()}

    def remove(self):
        if self.options.keep:
            print(f"kept: {self.folder}")  # noqa: T201  who asked for it must find it
        else:
            rmtree(self.folder, ignore_errors=True)
