"""A small machine: one process works all queues, in threads. It is told to end while a job hangs, or it dies."""

import os
import signal
import socket
import sqlite3
import sys
from contextlib import closing, contextmanager

import pytest

from tests.flows.processes import Process
from tests.support import ROOT, python, until

pytestmark = pytest.mark.flow

COMMAND = [sys.executable, str(ROOT / "celery_worker.py"), "run", "--all-in-one"]
ENDING = 6  # seconds: four of patience, and some to say so
PREPARE = """
from django.core.management import call_command
from django.db import transaction
from project.accounts.models import User
from project.blog.models import Post
from project.jobs.publisher import publisher

call_command("migrate", verbosity=0)
with transaction.atomic():
    ada = User.objects.create_user("ada", "ada@example.com")
    Post.objects.create(author=ada, title="Hello world", body="The first one.")
publisher.close()
"""
TELL = "SELECT task, state, attempts, deaths FROM jobs_job"
MAIL = "email.welcome"


class Machine:
    """Its database, its broker, and a mail server that answers nobody."""

    def __init__(self, folder, broker, mail):
        self.folder = folder
        self.env = {
            "DATABASE_URL": f"sqlite:///{folder}/db",
            "BROKER_URL": f"redis+socket://{broker}",
            "CACHE_URL": f"filecache://{folder}/cache",
            "MEDIA_ROOT": str(folder / "media"),
            "MAIL_NOTES_ROOT": str(folder / "notes"),
            "EMAIL_URL": f"smtp://127.0.0.1:{mail}",
            "COMMENT_MAIL_SETTLE": "0",
        }

    def jobs(self):
        with closing(sqlite3.connect(self.folder / "db")) as database:
            return {task: rest for task, *rest in database.execute(TELL)}

    def hangs(self):
        """Tell whether the mail is all that is left, and runs."""
        found = self.jobs()
        return found.pop(MAIL)[0] == "running" and {state for state, *_ in found.values()} == {"succeeded"}

    @contextmanager
    def worker(self):
        made = Process("all", COMMAND, log=self.folder / "log", env=os.environ | self.env)
        try:
            yield made
        finally:
            made.kill()


@pytest.fixture
def machine(tmp_path, broker):
    with closing(socket.create_server(("127.0.0.1", 0))) as mail:
        made = Machine(tmp_path, broker, mail.getsockname()[1])
        python(PREPARE, **made.env)
        yield made


def test_told_to_end_it_gives_back_what_hangs_at_once_and_dead_it_is_healed_by_the_next(machine):
    with machine.worker() as worker:
        until(machine.hangs, "the mail hangs, and all else is done")
        worker.popen.send_signal(signal.SIGTERM)
        assert worker.popen.wait(ENDING) == 0
    assert machine.jobs()[MAIL] == ["waiting", 0, 0]

    with machine.worker() as worker:
        until(machine.hangs, "the mail hangs again")
        worker.kill()
    with machine.worker():
        until(lambda: machine.jobs()[MAIL] == ["running", 1, 1], "the mail hangs a third time, after one death")
