"""Enqueue: one row of the ledger, in the transaction of the change that asks for it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ParamSpec
from uuid import UUID

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model
from uuid_utils import uuid7

from project.jobs.arguments import as_json, is_storable
from project.jobs.asks import Ask
from project.jobs.errors import EnqueueError
from project.jobs.feeding import feed_of
from project.jobs.gathering import Gathered, insert
from project.jobs.models import Job
from project.jobs.publisher import publish_on_commit
from project.jobs.registry import Task
from project.jobs.settlement import current_job
from project.jobs.trail import name_of

P = ParamSpec("P")

DEEPEST = 10  # jobs in a chain of cause and effect; a longer one is a loop
LONGEST_KEY = LONGEST_NAME = 120  # characters, as the table


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
        arguments stand for all, so a key names what the arguments name, such as `product:7`; but where the task unites
        them, as in `uniting`.
    settle: seconds in which no more is asked for under the key, before it runs.
    at_most: seconds for which further asks may put it off; as a rule no longer than `settle`.
    priority: below zero for what may wait, such as a backfill: it lets everything else of its queue go first.
    kwargs: the task's own parameters, as JSON: ids and small values. (Checked by mypy too: `mypy_plugin.py`.)

    Returns the job's id. Raises EnqueueError.
    """
    connection = transaction.get_connection()
    check(task, kwargs, connection)
    check_order(task, key, settle, at_most, priority)
    ask = new_ask(task, kwargs, about)
    ask.key, ask.priority, ask.feed = key, priority, feed_of(task, priority)
    if settle:
        ask.settle, ask.at_most = settle, at_most or settle
    return UUID(take(connection, [ask])[0])


def enqueue_many(
    task: Task[P, Any], asks: Iterable[Mapping[str, Any]], *, about: Model | None = None, priority: int = 0
) -> list[UUID]:
    """Ask for a run of `task` with each of many arguments: as many calls of `enqueue`, in one INSERT.

    asks: the keyword arguments of each run. about, priority: see `enqueue`. Returns the jobs' ids. Raises EnqueueError,
    and then asks for none.
    """
    with transaction.atomic(savepoint=False):
        connection = transaction.get_connection()
        check_order(task, "", 0.0, None, priority)
        made = []
        for kwargs in asks:
            check(task, kwargs, connection)
            made.append(new_ask(task, kwargs, about))
        for ask in made:
            ask.priority, ask.feed = priority, feed_of(task, priority)
        return [UUID(job_id) for job_id in take(connection, made)]


def take(connection: BaseDatabaseWrapper, asks: Sequence[Ask]) -> list[str]:
    """Gather asks where the connection can, else insert them; they are published on commit. Returns the jobs' ids."""
    gathered: Gathered | None = getattr(connection, "gathered", None)
    if gathered is None:
        insert(connection, asks)
        publish_on_commit(lambda: [ask for ask in asks if ask.at_most is None])
        return [ask.id for ask in asks]
    if not gathered.is_announced:
        publish_on_commit(gathered.take)
        gathered.is_announced = True
    return [gathered.add(ask) for ask in asks]


def new_ask(task: Task[P, Any], kwargs: Mapping[str, Any], about: Model | None) -> Ask:
    """Return an ask with its cause. Raises EnqueueError where its arguments cannot be kept, or its cause is a loop."""
    ask = Ask(str(uuid7()), task.name, task.queue, kwargs=as_json(task, kwargs), unites=task.unites)
    if about is not None:
        ask.about = checked_name(task, about)
    if (parent := current_job()) is not None:
        ask.parent, ask.depth = str(parent.id), depth_below(parent, task)
    return ask


def checked_name(task: Task[P, Any], about: Model) -> str:
    """Return the name of an object. Raises EnqueueError where it has none, or none that the ledger can keep."""
    name = name_of(about)
    if about.pk is None or len(name) > LONGEST_NAME or not is_storable(name):
        raise EnqueueError(
            f"{task.name} was asked for about {name[:LONGEST_NAME]!r}; expected a saved object whose name has at most "
            f"{LONGEST_NAME} characters."
        )
    return name


def check(task: Task[P, Any], kwargs: Mapping[str, Any], connection: BaseDatabaseWrapper) -> None:
    """Refuse what could not run later, while whoever asked for it can still hear it."""
    if not isinstance(task, Task):
        raise EnqueueError(f"enqueue was given {task!r}; expected a function decorated with @task.")
    if not connection.in_atomic_block:
        raise EnqueueError(
            f"enqueue({task.name}) was called outside a transaction, so the job would not be atomic with the change "
            "that asks for it. Wrap both in transaction.atomic(), or derive the saved model from "
            "project.jobs.senders.Sender."
        )
    if not task.takes(kwargs):
        try:
            task.signature.bind(**kwargs)
        except TypeError as error:
            given = f"takes {task.signature}, was given ({', '.join(kwargs)}): {error}."
            raise EnqueueError(f"{task.name} {given}") from error


def check_order(task: Task[P, Any], key: str, settle: float, at_most: float | None, priority: int) -> None:
    """Refuse what could not be folded, or put into an order."""
    if not (key or settle or at_most or priority):
        return
    if len(key) > LONGEST_KEY or not is_storable(key):
        raise EnqueueError(
            f"{task.name} was given a key of {len(key)} characters; expected at most {LONGEST_KEY}, and no NUL."
        )
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


def depth_below(parent: Job, task: Task[P, Any]) -> int:
    """Return the depth of a job that `parent` asks for; a chain that is too deep is refused, and shown."""
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
