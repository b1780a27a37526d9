#!/usr/bin/env python
"""The worker command line.

python celery_worker.py run email           a worker for one queue, with that queue's own settings
python celery_worker.py run                 one worker for all queues
python celery_worker.py status              what works, what waits; exit 1 where something is wrong

`celery -A celery_worker worker -Q email` starts the same worker by Celery's own command.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Any

# Celery reads it when it is imported: a warm shutdown (TERM's own) would wait for running jobs however long they take.
os.environ.setdefault("REMAP_SIGTERM", "SIGQUIT")

import django
from celery.signals import celeryd_init
from celery.worker.consumer import Consumer

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
django.setup()

from project.celery import app  # noqa: E402  Celery looks for it here, and its tasks need Django set up
from project.jobs import fleet, keeping  # noqa: E402, F401  keeping waits for the worker's signals
from project.queues import QUEUES  # noqa: E402

# On RabbitMQ this step makes 28 queues for messages with a delay. Ours have none: the ledger holds the wait.
Consumer.Blueprint.default_steps.remove("celery.worker.consumer.delayed_delivery:DelayedDelivery")


@celeryd_init.connect(dispatch_uid="celery_worker.take_settings")
def take_settings(conf: Any, options: dict[str, Any], **_: Any) -> None:
    """Give the worker the settings of its queues, whichever command started it; an option on that command wins."""
    mine = [QUEUES[name] for name in options.get("queues") or QUEUES if name in QUEUES]
    conf.worker_concurrency = sum(queue.concurrency for queue in mine)
    conf.worker_max_tasks_per_child = min(queue.jobs_per_child for queue in mine)
    conf.worker_max_memory_per_child = max(queue.memory_per_child for queue in mine)


def worker_arguments(queues: Sequence[str], options: Sequence[str] = ()) -> list[str]:
    """Return the words for Celery's `worker` command.

    Gossip and mingle are left out: nobody uses what they tell, they slow the start, and their replies pile up in Redis.
    """
    name = queues[0] if len(queues) == 1 else "all" if set(queues) == set(QUEUES) else "-".join(queues)
    return ["worker", "-Q", ",".join(queues), "-n", f"{name}@%h", "--without-gossip", "--without-mingle", *options]


def status() -> int:
    """Print the state of broker, queues and workers. Returns the exit code."""
    report = fleet.report()
    sys.stdout.write(report.as_text() + "\n")
    return 1 if report.problems else 0


def parser() -> argparse.ArgumentParser:
    """Return what the command line takes."""
    made = argparse.ArgumentParser(
        prog="celery_worker.py", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    commands = made.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="run a worker; options after -- go to Celery's worker command")
    run.add_argument("queues", nargs="*", metavar="QUEUE", help=", ".join(QUEUES) + "; none: all of them")
    commands.add_parser("status", help="show broker, queues and workers")
    return made


def main(words: Sequence[str]) -> int:
    """Run the command line. Returns the exit code."""
    cut = words.index("--") if "--" in words else len(words)
    given = parser().parse_args(words[:cut])
    if given.command == "status":
        return status()
    if unknown := [name for name in given.queues if name not in QUEUES]:
        parser().error(f"there is no queue {', '.join(unknown)}; expected one or more of {', '.join(QUEUES)}")
    return app.worker_main(worker_arguments(given.queues or list(QUEUES), words[cut + 1 :]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
