"""A stage: a database, a broker and a mail server of its own, on which processes die and others take over."""

import os
import sys
import time
from contextlib import ExitStack
from decimal import Decimal

from django.db.models.functions import Now
from kombu import Connection, Producer

from project.accounts.models import User
from project.catalog.models import Product
from project.jobs.asks import Message
from project.jobs.messages import send
from project.jobs.models import Job, State
from project.orders.models import BillingAddress
from tests.crashes.points import CONFIRM
from tests.flows.facts import Facts
from tests.flows.mailbox import Mailbox
from tests.flows.processes import Process
from tests.flows.servers import run_python
from tests.flows.stack import LANES
from tests.support import ADDRESS

ARMED = ["-m", "tests.crashes.armed"]
REFUSED = ["refused-1", "refused-2"]  # customers to whom the first mail is not sent


class Refusing(Mailbox):
    """Refuses the first mail to some addresses, for now."""

    def __init__(self):
        super().__init__()
        self.refused = {f"{name}@example.com" for name in REFUSED}

    async def handle_DATA(self, server, session, envelope):  # noqa: N802  aiosmtpd's name
        if not self.refused.isdisjoint(envelope.rcpt_tos):
            self.refused.difference_update(envelope.rcpt_tos)
            return "451 later"
        return await super().handle_DATA(server, session, envelope)


class Stage(Facts):
    """One lane. processes: those that must live; exits: the codes of those that were to die, by their names."""

    def __init__(self, lane, folder):
        super().__init__()
        self.lane, self.folder, self.processes, self.exits, self.undo = lane, folder, [], {}, ExitStack()
        self.deaths, self.media = folder / "deaths", folder / "media"
        self.deaths.mkdir()

    def start(self, blocker):
        make_database, make_broker = LANES[self.lane]
        self.database_url = self.undo.enter_context(make_database(self.folder))
        self.broker_url, self.broker = self.undo.enter_context(make_broker(self.folder))
        self.mailbox = Refusing()
        self.mailbox.start()
        self.undo.callback(self.mailbox.stop)
        run_python("manage.py", "migrate", env=self.environment([]))
        self.connect(blocker)
        self.lamp = self.insert(Product(name="Lamp", slug="lamp", price=Decimal("19.99"), stock=50))

    def environment(self, points):
        return os.environ | {
            "DEBUG": "true",
            "DATABASE_URL": self.database_url,
            "BROKER_URL": self.broker_url,
            "CACHE_URL": f"filecache://{self.folder / 'cache'}",
            "EMAIL_URL": f"smtp://127.0.0.1:{self.mailbox.port}",
            "MEDIA_ROOT": str(self.media),
            "MAIL_NOTES_ROOT": str(self.folder / "notes"),
            "CRASH_FOLDER": str(self.deaths),
            "CRASH_POINTS": ",".join(point.name for point in points),
        }

    def begin(self, name, *words, points=()):
        """Start a process that dies at these points."""
        command = [sys.executable, *ARMED, *words]
        made = Process(name, command, log=self.folder / f"{name}.log", env=self.environment(points))
        self.undo.callback(made.kill)
        return made

    def ask(self, *names, points=()):
        """Let somebody place an order for each of these customers."""
        for name in names:
            customer = self.insert(User(username=name, email=f"{name}@example.com"))
            self.insert(BillingAddress(user=customer, **ADDRESS))
        return self.begin(f"ask-{names[0]}", "ask", *names, points=points)

    def work(self, name, *queues, options=(), points=()):
        return self.begin(name, "work", "run", *queues, "--", "-n", f"{name}@%h", *options, points=points)

    def died_at(self, point):
        """Return the id of the job at which a process died there, or None."""
        path = self.deaths / point.name
        return path.read_text() if path.exists() else None

    def look_until(self, condition, seconds):
        """Wait until it holds. Where it never does the tests will say what is wrong, each with its own point."""
        deadline = time.monotonic() + seconds
        while not condition() and time.monotonic() < deadline:
            time.sleep(0.05)

    def bury(self, *processes, seconds=20):
        """Wait for processes to die, keep their exit codes, and end what is left of them."""
        self.look_until(lambda: not any(each.lives for each in processes), seconds)
        self.exits |= {each.name: each.popen.poll() for each in processes}
        for each in processes:
            each.kill()

    def is_quiet(self):
        """Tell whether every job is settled. A refused mail's wait of minutes is cut short."""
        unsettled = self.rows(Job, state__in=(State.WAITING, State.RUNNING))
        unsettled.filter(task=CONFIRM, state=State.WAITING, run_at__gt=Now()).update(run_at=Now())
        return not unsettled.exists()

    def send_copies(self):
        """Send every job's message once more."""
        copies = [Message(str(job.id), job.task, job.queue, alone=True) for job in self.rows(Job)]
        with Connection(self.broker_url) as connection:
            send(Producer(connection), copies)
        return len(copies)

    def refusals(self):
        """Return how many messages the worker found nothing to do for."""
        return self.worker.log.read_text().count("job_not_claimed")
