"""The world around the ledger: a broker, time, deaths and tasks, each of which a test can turn against it."""

import json
from contextlib import contextmanager, suppress
from contextvars import ContextVar, copy_context
from datetime import timedelta
from itertools import count

from celery.exceptions import Ignore
from django.db import DatabaseError, connection
from django.db.models import F
from django.utils import timezone

from project.audit.models import AuditEntry
from project.jobs import current_job, settling, task
from project.jobs.models import Attempt, BrokerMark, Circuit, Intervention, Job, Pause, Worker
from project.jobs.policies import Policy, RetryLater

TRIES = 3
WORKERS = ("one@here", "two@here")
QUEUES = ("housekeeping", "email")
TIMES = {
    Job: ("run_at", "created_at", "published_at", "started_at", "lease_until", "finished_at"),
    Worker: ("heartbeat_at",),
    Circuit: ("probe_at",),
}
told = ContextVar("told", default=None)  # what the task that runs next is to raise


class Death(BaseException):
    """The process dies here. No `except Exception` sees it, and what it had not committed is rolled back."""


class Hopeless(Exception):
    """Will come again however often the job is tried."""


ERRORS = {
    "nothing": lambda: None,
    "retriable": lambda: ValueError("no"),
    "permanent": lambda: Hopeless("never"),
    "later": lambda: RetryLater("busy", after=40.5),
    "unreachable": lambda: ConnectionError("nobody there"),
    "death": lambda: Death(),
}
POLICY = Policy(attempts=TRIES, permanent=(Hopeless,))


def work():
    """Write a row that can be written twice, then end as told."""
    AuditEntry.objects.create(at=timezone.now(), actor="test", action="created", target=str(current_job().id))
    if error := told.get():
        raise error


@task(queue="housekeeping", policy=POLICY)
def quick() -> None:
    """Work inside the transaction that settles."""
    work()


@task(queue="email", slow=True, policy=POLICY)
def slow() -> None:
    """Work outside, settle with the effect."""
    with settling():
        work()


@task(queue="email", slow=True, policy=POLICY)
def late() -> None:
    """Settle well, and fail only then."""
    error, reset = told.get(), told.set(None)
    with settling():
        work()
    told.reset(reset)
    if error:
        raise error


@task(queue="housekeeping", policy=Policy(attempts=TRIES, permanent=(Hopeless,), circuit="server"))
def dependent() -> None:
    """Need a server that may be away."""
    work()


TASKS = {each.name: each for each in (quick, slow, late, dependent)}


def emptied():
    """Forgets all that an example before has left."""
    for model in (AuditEntry, Attempt, Intervention, Job, Worker, Circuit, Pause, BrokerMark):
        model.objects.all().delete()


def pass_time(seconds):
    """Lets time pass: it is the database's, so that all that was noted becomes older."""
    for model, names in TIMES.items():
        model.objects.update(**{name: F(name) - timedelta(seconds=seconds) for name in names})


@contextmanager
def ending(error="nothing"):
    """Lets tasks inside end as told, and nothing come out of it."""
    token = told.set(ERRORS[error]())
    try:
        with suppress(Death, Exception, Ignore):
            yield
    finally:
        told.reset(token)


@contextmanager
def disturbed(kind, at, meanwhile):
    """Lets the process die, a statement fail, or others act meanwhile, in front of one of the statements inside."""
    steps = count()

    def before(execute, *args):
        outside = not connection.in_atomic_block  # inside, the others' acts would be part of it
        if kind and (kind != "others" or outside) and next(steps) == at:
            happens()
        return execute(*args)

    def happens():
        if kind == "death":
            raise Death
        if kind == "error":
            raise DatabaseError("refused")
        told_nothing = copy_context()
        told_nothing.run(told.set, None)
        told_nothing.run(meanwhile)

    with connection.execute_wrapper(before):
        yield


class Broker:
    """A real one, and what may happen to the messages in it."""

    def __init__(self, client):
        self.client = client

    def waiting(self):
        """Returns the messages that wait, with their queues: in the order of their jobs, which is always the same."""
        found = [(queue, each) for queue in QUEUES for each in self.client.lrange(queue, 0, -1)]
        return sorted(found, key=lambda each: json.loads(each[1])["headers"]["id"])

    def take(self, place):
        """Takes a message out. Returns its job's id and its task, or None."""
        if not (waiting := self.waiting()):
            return None
        queue, message = waiting[place % len(waiting)]
        self.client.lrem(queue, -1, message)
        headers = json.loads(message)["headers"]
        return headers["id"], TASKS[headers["task"]]

    def repeat(self, place):
        """Doubles a message."""
        if waiting := self.waiting():
            self.client.lpush(*waiting[place % len(waiting)])
