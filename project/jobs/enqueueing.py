"""Enqueue: one row of the ledger, in the transaction of the change that asks for it."""

import json
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, ParamSpec
from uuid import UUID

from django.db import transaction
from django.db.models import Model
from django.db.models.functions import Now

from project.jobs import asked, gathering
from project.jobs.errors import EnqueueError
from project.jobs.feeding import feed_of
from project.jobs.models import Job
from project.jobs.publisher import message_of, publish_on_commit
from project.jobs.registry import Task
from project.jobs.settlement import current_job
from project.jobs.trail import name_of

P = ParamSpec("P")

DEEPEST = 10  # jobs in a chain of cause and effect; a longer one is a loop
LONGEST_KEY = 120  # characters, as the table
LARGEST = 64_000  # bytes of arguments as JSON: ids and small values, not documents


def enqueue(
    task: Task[P, Any],
    *,
    about: Model | None = None,
    key: str = "",
    settle: float = 0.0,
    at_most: float | None = None,
    priority: int = 0,
    **kwargs: Any,
) -> UUID:
    """Ask for a run of `task` with `kwargs`: it will happen if and only if the transaction around commits.

    about: the object it is asked for; its page then shows the job.
    key: asks of the same task and key become one run, which starts after the last of them committed. Any one's
        arguments stand for all, so a key names what the arguments name, such as `product:7`.
    settle: seconds in which no more is asked for under the key, before it runs.
    at_most: seconds for which further asks may put it off; as a rule no longer than `settle`.
    priority: below zero for what may wait, such as a backfill: it lets everything else of its queue go first.
    kwargs: the task's own parameters, as JSON: ids and small values. (Checked by mypy too: `mypy_plugin.py`.)

    Returns the job's id. Raises EnqueueError.
    """
    check(task, kwargs)
    check_order(task, key, settle, at_most, priority)
    job = new_job(task, kwargs, about, key)
    job.priority, job.feed = priority, feed_of(task, priority)
    if settle:
        job.run_at = Now() + timedelta(seconds=settle)
        job.run_by = Now() + timedelta(seconds=at_most or settle)
    if gathered := gathering.here():
        return gathered.add(job).id
    if key and (same := asked.again(job)):
        return same
    job.save(force_insert=True)
    asked.remember(job)
    if not settle:
        publish_on_commit(message_of(job))
    return job.id


def enqueue_many(task: Task[P, Any], asks: Iterable[Mapping[str, Any]], *, about: Model | None = None) -> list[UUID]:
    """Ask for a run of `task` with each of many arguments: as many calls of `enqueue`, in one INSERT.

    asks: the keyword arguments of each run. Returns the jobs' ids. Raises EnqueueError, and then asks for none.
    """
    with gathering.gathering():
        return [enqueue(task, about=about, **kwargs) for kwargs in asks]


def new_job(task: Task[P, Any], kwargs: dict[str, Any], about: Model | None, key: str) -> Job:
    """Return the row of a job, not yet saved."""
    parent = current_job()
    return Job(
        task=task.name,
        queue=task.queue,
        kwargs=kwargs,
        about=name_of(about) if about else "",
        key=key,
        parent_id=parent.id if parent else None,
        depth=depth_below(parent, task),
    )


def check(task: Task[P, Any], kwargs: dict[str, Any]) -> None:
    """Refuse what could not run later, while whoever asked for it can still hear it."""
    if not isinstance(task, Task):
        raise EnqueueError(f"enqueue was given {task!r}; expected a function decorated with @task.")
    if not transaction.get_connection().in_atomic_block:
        raise EnqueueError(
            f"enqueue({task.name}) was called outside a transaction, so the job would not be atomic with the change "
            "that asks for it. Wrap both in transaction.atomic(), or derive the saved model from "
            "project.jobs.senders.Sender."
        )
    try:
        task.signature.bind(**kwargs)
    except TypeError as error:
        raise EnqueueError(f"{task.name} takes {task.signature}, was given ({', '.join(kwargs)}): {error}.") from error
    check_json(task, kwargs)


def check_order(task: Task[P, Any], key: str, settle: float, at_most: float | None, priority: int) -> None:
    """Refuse what could not be folded, or put into an order."""
    if len(key) > LONGEST_KEY:
        raise EnqueueError(f"{task.name} was given a key of {len(key)} characters; expected at most {LONGEST_KEY}.")
    if priority > 0 or (priority and task.bundle > 1):
        raise EnqueueError(
            f"{task.name} was given priority={priority}; expected 0, or less for what may wait, and 0 where it bundles."
        )
    if key and task.bundle > 1:
        raise EnqueueError(f"{task.name} bundles its jobs, and was given key={key!r}; expected one or the other.")
    if settle < 0 or (at_most is not None and at_most < settle) or ((settle or at_most) and not key):
        raise EnqueueError(
            f"{task.name} was given key={key!r}, settle={settle}, at_most={at_most}; "
            "expected a key, seconds that are not negative, and at_most no less than settle."
        )


def check_json(task: Task[P, Any], kwargs: dict[str, Any]) -> None:
    """Refuse arguments that would not come back from JSON as they went in."""
    for name, value in kwargs.items():
        try:
            same = json.loads(json.dumps(value, allow_nan=False)) == value
        except (TypeError, ValueError):
            same = False
        if not same:
            raise EnqueueError(
                f"{task.name} was given {name} of type {type(value).__name__}, which JSON does not keep; "
                "expected ids and small values (text, numbers, booleans, None, lists, dicts with text keys)."
            )
    size = len(json.dumps(kwargs))
    if size > LARGEST:
        raise EnqueueError(f"{task.name} was given {size} bytes of arguments; expected at most {LARGEST}: pass an id.")


def depth_below(parent: Job | None, task: Task[P, Any]) -> int:
    """Return the depth of a job that `parent` asks for; a chain that is too deep is refused, and shown."""
    if parent is None:
        return 0
    if parent.depth + 1 < DEEPEST:
        return parent.depth + 1
    chain = [task.name]
    link: Job | None = parent
    while link is not None:
        chain.append(link.task)
        link = link.parent
    raise EnqueueError(
        f"Jobs that ask for jobs, {DEEPEST} deep, are taken for a loop: {' -> '.join(reversed(chain))}. "
        "Let the last of them not cause the first again."
    )
