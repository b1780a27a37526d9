"""Runs a part of the project that dies at given points: without cleaning up, as if killed there.

python -m tests.crashes.armed work ARGUMENT...      the worker command line
python -m tests.crashes.armed ask USERNAME...       somebody who places an order for each user, and exits

CRASH_POINTS: the points' names, with commas; no two processes die at one. CRASH_FOLDER: what is known of deaths: a file
for each point that was reached, with the id of the job; and one for each job that a child died of, for a job that takes
three along is given up, and would tell of one point only.
"""

import functools
import os
import sys
from contextlib import suppress
from importlib import import_module
from itertools import chain
from pathlib import Path

from django.db import transaction

import celery_worker  # sets up Django
from project.accounts.models import User
from project.catalog.models import Product
from project.jobs import enqueue
from project.jobs.asks import Message
from project.jobs.models import Job
from project.jobs.registry import Task
from project.jobs.settlement import current_job
from project.orders.placing import Item, place
from tests.crashes import tally
from tests.crashes.points import BY_NAME, CHILD

CODE = 9  # of the exit


def arm(point, folder):
    """Wrap the function that tells of the point."""
    module, _, path = (point.before or point.after).partition(":")
    *outer, name = path.split(".")
    owner = functools.reduce(getattr, outer, import_module(module))
    setattr(owner, name, wrapped(getattr(owner, name), point, folder))


def wrapped(function, point, folder):
    @functools.wraps(function)
    def call(*args, **kwargs):
        jobs = [job for job in jobs_in(args) if job.task == point.task]
        if point.before and jobs:
            die(point, jobs[0], folder)
        result = function(*args, **kwargs)
        if point.after and jobs:
            die(point, jobs[0], folder)
        return result

    return call


def jobs_in(args):
    """Return the jobs that a call is about, told by its arguments; else the one that runs here."""
    flat = list(chain.from_iterable(each if isinstance(each, list) else [each] for each in args))
    if flat and isinstance(flat[0], Task) and isinstance(flat[1], str):
        return [Message(flat[1], flat[0].name, flat[0].queue)]
    told = [each for each in flat if isinstance(each, Job | Message)]
    return told or [job for job in [of_celery(flat) or current_job()] if job]


def of_celery(args):
    """Return the job of a request of Celery's."""
    name = getattr(args[0], "task_name", "") if args else ""
    return Message(args[0].id, name, "") if name else None


def die(point, job, folder):
    """End this process at once, unless somebody died at this point, or at another one of this job."""
    mine = folder / (f"job {job.id}" if point.victim == CHILD else f"process {os.getpid()}")
    try:
        with mine.open("x") as file:
            file.write(str(job.id))
    except FileExistsError:
        return
    with suppress(FileExistsError):
        os.link(mine, folder / point.name)  # with its content, or not at all
        os._exit(CODE)
    mine.unlink()


def ask(usernames):
    """Place an order for each user, and ask for lines about it."""
    for username in usernames:
        with transaction.atomic():
            order = place(User.objects.get(username=username), [Item(Product.objects.get(), 1)])
            enqueue(tally.add, about=order, order_id=order.pk)
            enqueue(tally.add_slowly, about=order, order_id=order.pk)


if __name__ == "__main__":
    for name in filter(None, os.environ["CRASH_POINTS"].split(",")):
        arm(BY_NAME[name], Path(os.environ["CRASH_FOLDER"]))
    what, *words = sys.argv[1:]
    sys.exit(ask(words) if what == "ask" else celery_worker.main(words))
