#!/usr/bin/env python
"""The worker command line.

python celery_worker.py run email           a worker for one queue, with that queue's own settings
python celery_worker.py run                 one worker for all queues
python celery_worker.py run --all-in-one    the same in one process, jobs in threads: for small machines
python celery_worker.py status              what works, waits, is paused; exit 1 where something is wrong
python celery_worker.py resume queue email --reason "password renewed"     and likewise pause; also a task or a key

`celery -A celery_worker worker -Q email` starts the same worker by Celery's own command.
"""

import argparse
import gc
import getpass
import logging
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

# Celery reads it when it is imported: a warm shutdown (TERM's own) would wait for running jobs however long they take.
os.environ.setdefault("REMAP_SIGTERM", "SIGQUIT")
# Read when a worker starts: it would run Django's checks, ignore what they find, and keep all the pages and forms that
# they load; in a fleet of five 23 MB.
os.environ.setdefault("CELERY_SKIP_CHECKS", "true")

import django
from celery.bin.base import CLIContext
from celery.bin.worker import worker
from celery.signals import celeryd_after_setup, celeryd_init
from celery.worker.consumer import Consumer

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
django.setup()

from project.celery import OVER_AMQP, app  # noqa: E402  Celery looks for it here, and its tasks need Django set up
from project.jobs import JobsError, fleet, keeping, pauses, threads  # noqa: E402  keeping waits for the worker's signals
from project.jobs.models import Pause  # noqa: E402
from project.jobs.publisher import publisher  # noqa: E402
from project.queues import QUEUES  # noqa: E402

# On RabbitMQ this step makes 28 queues for messages with a delay. Ours have none: the ledger holds the wait.
Consumer.Blueprint.default_steps.remove("celery.worker.consumer.delayed_delivery:DelayedDelivery")
threads.install()

ALL_IN_ONE = """one process for all the queues, jobs in threads, as many at once as the queues have together; for small
machines. Nobody can stop a thread: a job that hangs is run again when its lease is over (hard limit and
30 seconds), but keeps its thread until the worker ends. Children that are replaced there are none."""


def has_threads(queues: Sequence[str]) -> bool:
    """Tell whether a worker of these queues runs its jobs in threads."""
    return len(queues) == 1 and bool(QUEUES[queues[0]].threads)


@celeryd_init.connect(dispatch_uid="celery_worker.take_settings")
def take_settings(conf: Any, options: dict[str, Any], **_: Any) -> None:
    """Give the worker the settings of its queues, whichever command started it; an option on that command wins."""
    mine = [QUEUES[name] for name in options.get("queues") or QUEUES if name in QUEUES]
    conf.worker_concurrency = sum(queue.concurrency for queue in mine)
    if options.get("pool") is threads.TaskPool and len(mine) == 1:
        conf.worker_concurrency = mine[0].threads or mine[0].concurrency
    conf.worker_max_tasks_per_child = min(queue.jobs_per_child for queue in mine)
    conf.worker_max_memory_per_child = max(queue.memory_per_child for queue in mine)
    conf.worker_prefetch_multiplier = min(queue.prefetch for queue in mine)
    if not OVER_AMQP:
        # Taken anew when each process has no more than one message ahead: taken together, each costs a fraction.
        ahead = options.get("prefetch_multiplier") or conf.worker_prefetch_multiplier
        conf.broker_transport_options |= {"refill": max(0.0, 1 - 2 / ahead)}


@celeryd_after_setup.connect(dispatch_uid="celery_worker.freeze")
def freeze(**_: Any) -> None:
    """Let parent and children share what was loaded: a garbage collection writes into every object it looks at.

    Once, before the first child is forked: what is frozen is never collected. In a fleet of five it saves 25 MB.
    """
    gc.collect()
    gc.freeze()


def worker_arguments(queues: Sequence[str], options: Sequence[str] = (), *, all_in_one: bool = False) -> list[str]:
    """Return the words for Celery's `worker` command, of which the last ones win.

    Gossip and mingle are left out: nobody uses what they tell, they slow the start, and their replies pile up in Redis.
    """
    name = queues[0] if len(queues) == 1 else "all" if set(queues) == set(QUEUES) else "-".join(queues)
    pool = ["-P", "threads"] if all_in_one or has_threads(queues) else []
    return ["-Q", ",".join(queues), "-n", f"{name}@%h", "--without-gossip", "--without-mingle", *pool, *options]


def work(words: Sequence[str]) -> int:
    """Be a worker until it is told to end. Returns the exit code.

    Not by `app.worker_main`: it loads all of Celery's commands, and so Flower and a shell; in a fleet of five 61 MB.
    """
    context = CLIContext(app=app, no_color=False, workdir=None)
    return worker.main([*words], "celery_worker.py", standalone_mode=False, obj=context) or 0


def work_in_threads(words: Sequence[str]) -> NoReturn:
    """Be a worker likewise, and end at once: Python would wait for the jobs that still run in threads.

    They are given back first; what they write from then on the fence refuses.
    """
    code = work(words)
    keeping.leave()
    publisher.close()
    logging.shutdown()
    os._exit(code)


def status() -> int:
    """Print the state of broker, queues and workers. Returns the exit code."""
    report = fleet.report()
    sys.stdout.write(report.as_text() + "\n")
    return 1 if report.problems or report.paused else 0


def hold(given: argparse.Namespace) -> int:
    """Pause or resume a queue, a task or a key. Returns the exit code."""
    change = pauses.pause if given.command == "pause" else pauses.resume
    try:
        changed = change(given.kind, given.name, actor=getpass.getuser(), reason=given.reason)
    except JobsError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{given.kind} {given.name} is {given.command}d{'' if changed else ', as before'}\n")
    return 0


def parser() -> argparse.ArgumentParser:
    """Return what the command line takes."""
    made = argparse.ArgumentParser(
        prog="celery_worker.py", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    commands = made.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="run a worker; options after -- go to Celery's worker command")
    run.add_argument("queues", nargs="*", metavar="QUEUE", help=", ".join(QUEUES) + "; none: all of them")
    run.add_argument("--all-in-one", action="store_true", help=ALL_IN_ONE)
    commands.add_parser("status", help="show broker, queues and workers")
    for name, does in (("pause", "let jobs wait until they are resumed"), ("resume", "let what is paused go on")):
        one = commands.add_parser(name, help=does)
        one.add_argument("kind", choices=[kind.value for kind in Pause.Kind])
        one.add_argument("name", metavar="NAME", help="the queue's, the task's, or the key")
        one.add_argument("--reason", required=True, help="why, for whoever looks later")
    return made


def main(words: Sequence[str]) -> int:
    """Run the command line. Returns the exit code."""
    cut = words.index("--") if "--" in words else len(words)
    given = parser().parse_args(words[:cut])
    if given.command != "run":
        return status() if given.command == "status" else hold(given)
    if unknown := [name for name in given.queues if name not in QUEUES]:
        parser().error(f"there is no queue {', '.join(unknown)}; expected one or more of {', '.join(QUEUES)}")
    queues = given.queues or list(QUEUES)
    options = worker_arguments(queues, words[cut + 1 :], all_in_one=given.all_in_one)
    if given.all_in_one or has_threads(queues):
        work_in_threads(options)
    return work(options)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
