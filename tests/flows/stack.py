"""A stack: web server, broker, one worker for each queue, mail server, all of them real."""

import json
import os
import secrets
import shutil
import socket
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path

from project.queues import QUEUES
from tests.flows.facts import Facts
from tests.flows.left_out import leave_out
from tests.flows.mailbox import Mailbox
from tests.flows.processes import Process, kill, stop
from tests.flows.servers import Missing, postgres, postgres_or_sqlite, rabbitmq, redis, run_python, sqlite
from tests.flows.visitor import Visitor

LANES = {"embedded": (sqlite, redis), "postgres": (postgres, redis), "rabbitmq": (postgres_or_sqlite, rabbitmq)}
WEBHOOK_SECRET, SIGNING_KEY = "mailgun:a-long-password", "key-to-sign-with"  # of a provider that tells of bounces
SERVE = ["-m", "gunicorn", "project.wsgi", "--worker-class", "gthread", "--threads", "4", "--no-control-socket"]


class Stack(Facts):
    """One lane, running."""

    def __init__(self, lane, folder):
        super().__init__()
        self.lane, self.folder, self.processes, self.undo = lane, folder, [], ExitStack()

    def start(self, blocker):
        """Start everything; `blocker` is what pytest-django keeps tests from databases with."""
        make_database, make_broker = LANES[self.lane]
        self.database_url = self.undo.enter_context(make_database(self.folder))
        self.broker_url, self.broker = self.undo.enter_context(make_broker(self.folder))
        self.mailbox = Mailbox()
        self.mailbox.start()
        self.undo.callback(self.mailbox.stop)
        self.undo.enter_context(self.listening())
        run_python("manage.py", "migrate", env=self.environment)
        self.connect(blocker)
        self.undo.callback(kill, self.processes)
        self.start_processes()
        self.wait_until("the web server, the broker and every worker answer", self.is_ready)

    def listening(self):
        """Bind the web server's port here, so that nobody else can take it."""
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        return self.socket

    @property
    def environment(self):
        return os.environ | {
            "DEBUG": "true",
            "SECRET_KEY": "flows-" + 44 * "x",
            "SITE_URL": self.url,
            "DATABASE_URL": self.database_url,
            "BROKER_URL": self.broker_url,
            "CACHE_URL": f"filecache://{self.folder / 'cache'}",
            "EMAIL_URL": f"smtp://127.0.0.1:{self.mailbox.port}",
            "COMMENT_MAIL_SETTLE": "0",
            "MAIL_EVENTS": "mailgun",
            "ANYMAIL_WEBHOOK_SECRET": WEBHOOK_SECRET,
            "ANYMAIL_MAILGUN_WEBHOOK_SIGNING_KEY": SIGNING_KEY,
            "MEDIA_ROOT": str(self.media),
            "MAIL_NOTES_ROOT": str(self.folder / "notes"),
        }

    @property
    def media(self):
        return self.folder / "media"

    def start_processes(self):
        bound = self.socket.fileno()
        self.web = self.begin("web", *SERVE, "-b", f"fd://{bound}", inherited=[bound])
        for queue in QUEUES:
            self.begin(queue, "celery_worker.py", "run", queue)

    def begin(self, name, *words, inherited=()):
        log, command = self.folder / f"{name}.log", [sys.executable, *words]
        self.processes.append(Process(name, command, log=log, env=self.environment, inherited=inherited))
        return self.processes[-1]

    @contextmanager
    def second_worker(self, queue):
        """Let a second worker work a queue for a while."""
        name = f"{queue}-2"
        worker = self.begin(name, "celery_worker.py", "run", queue, "--", "-n", f"{name}@%h")
        try:
            self.wait_until(f"two workers work {queue}", lambda: self.readiness().get(queue) == 2)
            yield
        finally:
            self.processes.remove(worker)
            stop(worker)

    @contextmanager
    def broker_frozen(self):
        """Freeze the broker for a while, where it is the stack's own: jobs gather, and then begin all at once."""
        if self.broker:
            self.broker.freeze()
        try:
            yield
        finally:
            if self.broker:
                self.broker.thaw()

    def is_ready(self):
        return all(self.readiness().get(queue) == 1 for queue in QUEUES)

    def readiness(self):
        """Return the number of workers by queue; nothing while the site has problems."""
        answer = self.stranger().get("/readyz")
        return json.loads(answer.content)["workers"] if answer.status == 200 else {}

    def stop(self):
        self.undo.close()

    def visitor(self, name):
        """Return somebody who has just signed up."""
        return self.stranger(name).sign_up()

    def stranger(self, name="stranger"):
        """Return somebody who is not logged in."""
        return Visitor(self.url, f"{name}-{secrets.token_hex(4)}")


@contextmanager
def running(kind, lane, blocker):
    """Run a stack of a kind in a folder of its own. Leaves out what needs it where a server is missing."""
    folder = Path(tempfile.mkdtemp(prefix="flows-"))  # pytest's own folders are too deep for a socket's path
    made = kind(lane, folder)
    try:
        made.start(blocker)
        yield made
    except Missing as reason:
        leave_out(f"{kind.__name__.lower()} on lane {lane}", str(reason))
    finally:
        made.stop()
        shutil.rmtree(folder)
