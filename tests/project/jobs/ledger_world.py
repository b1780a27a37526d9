"""The world around the ledger: a broker, time and deaths, each of which a test can turn against it."""

import json
import time
from contextlib import contextmanager
from contextvars import copy_context
from datetime import timedelta
from itertools import count

from django.db import DatabaseError, connection, connections
from django.db.models import F
from django.db.models.functions import Now

from project.audit.models import AuditEntry
from project.jobs import recovery
from project.jobs.models import Attempt, BrokerMark, Circuit, Intervention, Job, Pause, Worker
from tests.project.jobs.ledger_tasks import QUEUES, TASKS, Death, away, told

WORKERS = ("one@here", "two@here")
TIMES = {
    Job: ("run_at", "run_by", "created_at", "published_at", "started_at", "lease_until", "finished_at"),
    Worker: ("heartbeat_at",),
    Circuit: ("probe_at",),
    Pause: ("at",),
}
passed = []  # seconds
unseen = {}  # a session with the database -> the job that it has yet to commit


def emptied():
    """Forgets all that an example before has left."""
    for model in (AuditEntry, Attempt, Intervention, Job, Worker, Circuit, Pause, BrokerMark):
        model.objects.all().delete()
    passed.clear()
    away.clear()


def pass_time(seconds):
    """Lets time pass: it is the database's, so that all that was noted becomes older."""
    passed.append(seconds)
    for model, names in TIMES.items():
        make_older(model.objects.all(), names, seconds)
    for session, job_id in unseen.items():
        with somebody_else(session):
            make_older(Job.objects.filter(id=job_id), TIMES[Job], seconds)


def make_older(rows, names, seconds):
    """Makes the times of some rows older."""
    rows.update(**{name: F(name) - timedelta(seconds=seconds) for name in names})


def now():
    """Returns the time with all that has passed, in seconds."""
    return time.time() + sum(passed)


def as_now(moment):
    """Returns a time of the database as `now` counts it."""
    return moment.timestamp() + sum(passed)


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


@contextmanager
def somebody_else(session):
    """Lets what is inside use another session with the database."""
    own = connections["default"]
    connections["default"] = session
    try:
        yield
    finally:
        connections["default"] = own


class Broker:
    """A real one, and what may happen to the messages in it.

    calm: it hands them out in their order, and neither repeats nor forgets one.
    """

    def __init__(self, client, calm):
        self.client = client
        self.calm = calm

    def waiting(self):
        """Returns the messages that wait, with their queues: the oldest first, or in an order that any run repeats."""
        found = [(queue, each) for queue in QUEUES for each in reversed(self.client.lrange(queue, 0, -1))]
        return found if self.calm else sorted(found, key=lambda each: id_of(each[1]))

    def ids(self):
        """Returns the ids of the jobs that messages tell of."""
        return {id_of(message) for _, message in self.waiting()}

    def take(self, place):
        """Takes a message out. Returns its job's id and its task, or None."""
        if not (waiting := self.waiting()):
            return None
        queue, message = waiting[place % len(waiting)]
        if self.calm:
            queue, message = next(each for each in waiting if each[0] == queue)
        self.client.lrem(queue, -1, message)
        headers = json.loads(message)["headers"]
        return headers["id"], TASKS[headers["task"]]

    def repeat(self, place):
        """Doubles a message."""
        if not self.calm and (waiting := self.waiting()):
            self.client.lpush(*waiting[place % len(waiting)])

    def forget(self):
        """Forgets all."""
        if not self.calm:
            self.client.flushall()


def id_of(message):
    """Returns the id of the job that a message tells of."""
    return json.loads(message)["headers"]["id"]


def take_back_from_dead_workers():
    """Let a worker that is alive take back what others hold."""
    Worker.objects.update_or_create(name="healer", defaults={"pid": 1, "heartbeat_at": Now()})
    recovery.take_back_from_dead_workers("healer")
