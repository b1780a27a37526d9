"""Tasks: functions that a worker can run, registered under a stable name."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, ParamSpec, TypeVar

from celery import Task as CeleryTask
from celery import shared_task
from django.conf import settings

from project.jobs.errors import TaskDefinitionError
from project.jobs.policies import DEFAULT, Policy

P = ParamSpec("P")
R = TypeVar("R")

SUBJECTS = (Sequence[int], Sequence[str], list[int], list[str])  # parameters that can be united

# enqueue's own parameters, now and in the releases to come: a task cannot have them.
RESERVED = {"task", "about", "key", "run_at", "settle", "at_most", "priority"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Task(Generic[P, R]):
    """A function that a worker can run. Calling it runs it here and now, without a job.

    name: `queue.function`, for ever: rows and messages of earlier releases carry it.
    slow: runs outside a transaction, so that a mail server or a picture holds no lock; it writes its effect
        inside `settling()`. Any other task runs whole in the transaction that settles its job.
    policy: what follows from a failure.
    bundle: jobs that one message may run, one after another in one transaction, each in its own savepoint.
    at_once: jobs of it that may run at the same time in the whole fleet. per_second: jobs of it that may start in a
        second, on average. 0: any number. Both are held in the ledger; see `feeding`.
    unites: its parameters are lists of subjects, and one run has those of all asks it stands for; see `uniting`.
        For ever, like the name: a worker of an earlier release would run one for all and forget the others' subjects.
    keep_result: what it returns is kept with django-celery-results, under the job's id, for people to read.
    """

    name: str
    queue: str
    function: Callable[P, R]
    slow: bool
    policy: Policy
    bundle: int
    at_once: int
    per_second: float
    unites: bool
    keep_result: bool
    signature: inspect.Signature = field(repr=False)
    names: frozenset[str] = field(repr=False, init=False)
    needed: frozenset[str] = field(repr=False, init=False)

    def __post_init__(self) -> None:
        parameters = self.signature.parameters.values()
        needed = frozenset(each.name for each in parameters if each.default is each.empty)
        object.__setattr__(self, "names", frozenset(self.signature.parameters))
        object.__setattr__(self, "needed", needed)

    def takes(self, kwargs: Mapping[str, Any]) -> bool:
        """Tell whether it can be called with these arguments."""
        return self.needed <= kwargs.keys() <= self.names

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run the function here and now."""
        return self.function(*args, **kwargs)


registered: dict[str, Task[..., Any]] = {}


def task(
    *,
    queue: str,
    slow: bool = False,
    policy: Policy = DEFAULT,
    bundle: int = 1,
    at_once: int = 0,
    per_second: float = 0.0,
    unites: bool = False,
    keep_result: bool = False,
) -> Callable[[Callable[P, R]], Task[P, R]]:
    """Make a function a task of a queue; see `Task` for what the options mean.

    Raises TaskDefinitionError for an unknown queue, a name already taken, parameters that are not keyword-only, or
    options that exclude one another.
    """

    def register(function: Callable[P, R]) -> Task[P, R]:
        name = f"{function.__module__.rpartition('.')[2]}.{function.__name__}"
        made = Task(
            name=name,
            queue=queue,
            function=function,
            slow=slow,
            policy=policy,
            bundle=bundle,
            at_once=at_once,
            per_second=per_second,
            unites=unites,
            keep_result=keep_result,
            signature=inspect.signature(function),
        )
        for examine in (check, check_bundle, check_limits, check_uniting):
            examine(made)
        registered[name] = made
        register_with_celery(made)
        return made

    return register


def check(made: Task[..., Any]) -> None:
    """Refuse a task that could not be enqueued, routed or found again."""
    if made.queue not in settings.QUEUES:
        raise TaskDefinitionError(
            f"Task {made.name} is for queue {made.queue!r}; expected one of {', '.join(settings.QUEUES)}. "
            "Add the queue to project/queues.py or correct the name."
        )
    if made.name in registered:
        raise TaskDefinitionError(f"Task {made.name} exists already; rename one of the two functions.")
    for parameter in made.signature.parameters.values():
        if parameter.kind is not inspect.Parameter.KEYWORD_ONLY or parameter.name in RESERVED:
            raise TaskDefinitionError(
                f"Task {made.name} takes {made.signature}; expected keyword-only parameters (put `*` first) "
                f"none of which is called {', '.join(sorted(RESERVED))}."
            )


def check_bundle(made: Task[..., Any]) -> None:
    """Refuse a bundle of what runs outside a transaction, waits for a dependency, or has a result of its own."""
    if made.bundle < 1 or (made.bundle > 1 and (made.slow or made.policy.circuit or made.keep_result)):
        raise TaskDefinitionError(
            f"Task {made.name} has bundle={made.bundle}; expected 1 or more, and 1 where it is slow, has a circuit, or "
            "keeps its result."
        )


def check_limits(made: Task[..., Any]) -> None:
    """Refuse limits that make no sense, and those of what runs in bundles."""
    limited = made.at_once or made.per_second
    if made.at_once < 0 or made.per_second < 0 or (limited and made.bundle > 1):
        raise TaskDefinitionError(
            f"Task {made.name} has at_once={made.at_once}, per_second={made.per_second}, bundle={made.bundle}; "
            "expected numbers that are not negative, and no limits where it bundles."
        )


def check_uniting(made: Task[..., Any]) -> None:
    """Refuse to unite what has no lists of subjects, or is not folded."""
    parameters = made.signature.parameters.values()
    lists = parameters and all(each.annotation in SUBJECTS for each in parameters)
    if made.unites and (made.bundle > 1 or not lists):
        raise TaskDefinitionError(
            f"Task {made.name} unites, has bundle={made.bundle} and takes {made.signature}; expected parameters that "
            "are lists of subjects (Sequence[int] or Sequence[str], () where one may be left out), and no bundle."
        )


def register_with_celery(made: Task[..., Any]) -> None:
    """Let Celery's workers know the task: its message carries the job's id and nothing else."""

    def run(celery_task: CeleryTask[..., Any]) -> Any:
        from project.jobs.execution import execute  # noqa: PLC0415  needs models; tasks are imported before them

        request = celery_task.request
        bundle = request.get("jobs") or ()
        return execute(made, job_id=str(request.id), worker=str(request.hostname), bundle=bundle)

    limits = settings.QUEUES[made.queue]
    shared_task(
        bind=True,
        name=made.name,
        ignore_result=not made.keep_result,
        soft_time_limit=limits.soft_limit,
        time_limit=limits.hard_limit,
    )(run)
