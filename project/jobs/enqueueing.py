"""Enqueue: one row of the ledger, in the transaction of the change that asks for it."""

import json
from typing import Any, ParamSpec
from uuid import UUID

from django.db import transaction
from django.db.models import Model

from project.jobs.errors import EnqueueError
from project.jobs.models import Job
from project.jobs.publisher import Message, publisher
from project.jobs.registry import Task
from project.jobs.settlement import current_job
from project.jobs.trail import name_of

P = ParamSpec("P")

DEEPEST = 10  # jobs in a chain of cause and effect; a longer one is a loop
LARGEST = 64_000  # bytes of arguments as JSON: ids and small values, not documents


def enqueue(task: Task[P, Any], *, about: Model | None = None, **kwargs: Any) -> UUID:
    """Ask for a run of `task` with `kwargs`: it will happen if and only if the transaction around commits.

    about: the object it is asked for; its page then shows the job.
    kwargs: the task's own parameters, as JSON: ids and small values. (Checked by mypy too: `typed.py`.)

    Returns the job's id. Raises EnqueueError.
    """
    check(task, kwargs)
    parent = current_job()
    job = Job(
        task=task.name,
        queue=task.queue,
        kwargs=kwargs,
        about=name_of(about) if about else "",
        parent_id=parent.id if parent else None,
        depth=depth_below(parent, task),
    )
    job.save(force_insert=True)
    message = Message(str(job.id), task.name, task.queue)
    # robust: one bad hook must not turn a committed request into an error and drop the hooks behind it.
    transaction.on_commit(lambda: publisher.put(message), robust=True)
    return job.id


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
