"""When workers are there, and when nothing is left to do."""

import time

from django.db import Error, connection

from project.jobs.models import UNSETTLED, Job, Worker
from project.queues import QUEUES

PATIENCE = 150  # seconds that quiet is waited for
STILL = 5.0  # seconds in which a broker without a ledger must have nothing


def workers_ready():
    return Worker.objects.count() == len(QUEUES)


def wait(world, last_fault):
    """Wait until the writers have ended and nothing is left to do. Returns the seconds since the last fault."""
    is_quiet = Emptiness(world) if world.options.plain else nothing_waits
    for writer in world.writers:
        writer.wanted = False
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if not any(writer.lives for writer in world.writers) and is_quiet():
            break
        world.tick()
    connection.close()  # a fault may have cut it, and whoever counts would learn of that
    return round(time.time() - last_fault, 1)


def nothing_waits():
    """Tell whether no job is left. The database may be away still."""
    try:
        return not Job.objects.filter(state__in=UNSETTLED).exists()
    except Error:
        connection.close()
        return False


def left():
    """Return the jobs that are left, in words."""
    return [
        f"{job.task} {job.id}: {job.state}, claims {job.claims}, run at {job.run_at:%H:%M:%S}, {job.parked} {job.error}"
        for job in Job.objects.filter(state__in=UNSETTLED).order_by("id")
    ]


class Emptiness:
    """Whether a broker has had no message for a while: without a ledger nothing else tells."""

    def __init__(self, world):
        self.broker, self.since = world.broker, time.monotonic()

    def __call__(self):
        if self.broker.messages(QUEUES):
            self.since = time.monotonic()
        return time.monotonic() - self.since > STILL
