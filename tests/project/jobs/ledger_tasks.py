"""Tasks that end as a test tells them, and leave behind what they have done and seen."""

from collections.abc import Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from celery.exceptions import Ignore
from django.db import DatabaseError
from django.utils import timezone

from project.audit.models import AuditEntry
from project.jobs import current_job, settling, task
from project.jobs.circuits import FAILURES
from project.jobs.errors import LeaseLost, NotClaimed
from project.jobs.models import Circuit
from project.jobs.policies import Policy, RetryLater

TRIES = 3
QUEUES = ("housekeeping", "email")
KEYS = ("a", "b")
told = ContextVar("told", default=None)  # what the task that runs next is to raise
meanwhile = ContextVar("meanwhile", default=lambda: None)  # what others do after a task has looked
away = set()  # (job's id, claim) of tries that found the server away, when its circuit was open or opened by them


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
# What may come out of a run, of these very types: an IntegrityError, say, is a mistake.
EXPECTED = {Death, Hopeless, ValueError, RetryLater, ConnectionError, DatabaseError, Ignore, LeaseLost, NotClaimed}
POLICY = Policy(attempts=TRIES, permanent=(Hopeless,))
SERVER = Policy(attempts=TRIES, permanent=(Hopeless,), circuit="server")


@contextmanager
def ending(error="nothing"):
    """Lets tasks inside end as told, and nothing come out of it but what is expected."""
    token = told.set(ERRORS[error]())
    try:
        yield
    except BaseException as found:
        if type(found) not in EXPECTED:
            raise
    finally:
        told.reset(token)


def work(**saw):
    """Write a row that can be written twice, then end as told."""
    AuditEntry.objects.create(
        at=timezone.now(), actor="test", action="created", target=str(current_job().id), changes=saw
    )
    end_as_told()


def end_as_told():
    """Raise what was told."""
    error = told.get()
    if isinstance(error, ConnectionError) and current_job().task == dependent.name:
        circuit = Circuit.objects.filter(name="server").first()
        if circuit and (circuit.probe_at or circuit.failures + 1 >= FAILURES):
            away.add((current_job().id, current_job().claims))
    if error:
        raise error


def change(key, number):
    """Write a change, which whoever looks at the key afterwards sees."""
    AuditEntry.objects.create(
        at=timezone.now(), actor="writer", action="changed", target=key, changes={"number": number}
    )


def subjects(name, key, number):
    """Return the arguments with which a task is asked to look at a change."""
    return {"of": [key], "numbers": [number]} if TASKS[name].unites else {"of": key}


def changes(key):
    """Return the numbers of the changes that can be seen."""
    return sorted(each["number"] for each in AuditEntry.objects.filter(target=key).values_list("changes", flat=True))


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


@task(queue="housekeeping", policy=SERVER)
def dependent() -> None:
    """Need a server that may be away."""
    work()


@task(queue="housekeeping", policy=POLICY, unites=True)
def look(*, of: Sequence[str], numbers: Sequence[int]) -> None:
    """Keep which changes of the key could be seen, and of which it was told."""
    work(saw=changes(*of), told=numbers)


@task(queue="email", slow=True, policy=POLICY)
def look_long(*, of: str) -> None:
    """Look first, and keep it a while later."""
    saw = changes(of)
    meanwhile.get()()
    with settling():
        work(saw=saw)


TASKS = {each.name: each for each in (quick, slow, late, dependent, look, look_long)}
LOOKING = sorted([look.name, look_long.name])
PLAIN = sorted(TASKS.keys() - set(LOOKING))
