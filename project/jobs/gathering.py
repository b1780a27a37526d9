"""Gather: what a transaction asks for is inserted in one statement, just before its COMMIT.

A row inserted at once costs a round trip more; ten thousand of them cost ten thousand. Django has no hook before its
COMMIT: the connections of `project.jobs.backends` have. On any other one an ask is inserted at once.

Nobody can see that rows are not there yet: they are inserted before any statement of the transaction that names a table
of the ledger, and with a savepoint that is rolled back they go.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from project.jobs import statements, uniting
from project.jobs.arguments import LARGEST
from project.jobs.asks import Ask

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

    from project.jobs.backends import Gathers

LEDGER = "jobs_"  # what the names of its tables start with
MOST = 5000  # asks in one statement, whose parameter is then about a megabyte


class Gathered:
    """What the present transaction of one connection has asked for, in its order."""

    def __init__(self, connection: "Gathers") -> None:
        self._connection = connection
        self.forget()

    def forget(self) -> None:
        """Start anew: the transaction has ended."""
        self._asks: list[Ask] = []
        self._inserted = 0  # so many of them
        # The ids of those that are not inserted yet, with the bytes of the subjects that each unites.
        self._by_key: dict[tuple[str, str, str], tuple[str, int]] = {}
        self._has_keys = False  # else each ask is a job
        self._marks: dict[str, tuple[int, int]] = {}  # by savepoint: how many asks, and how many of them inserted
        self.is_announced = False

    def add(self, ask: Ask) -> str:
        """Take an ask. Returns the id of the job that will stand for it."""
        if ask.key:
            self._has_keys = True
            ask.id = self._job_of(ask)
        self._asks.append(ask)
        return ask.id

    def _job_of(self, ask: Ask) -> str:
        """Return the id of the job that asks of a key have in common; where subjects are too many, of a further one."""
        same = ask.task, ask.key, ask.about
        size = len(ask.kwargs) if ask.unites else 0
        job_id, before = self._by_key.get(same, (ask.id, 0))
        if before + size > LARGEST:
            job_id, before = ask.id, 0
        self._by_key[same] = job_id, before + size
        return job_id

    def insert(self, *, is_last: bool = False) -> None:
        """Insert what is not inserted yet. is_last: nothing comes between it and the COMMIT."""
        if self._inserted == len(self._asks):
            return
        before, self._inserted = self._inserted, len(self._asks)
        try:
            asks = self._jobs(before)
            if is_last and len(asks) <= MOST:
                self._connection.insert_last(*statement(self._connection.vendor, asks))
            else:
                insert(self._connection, asks)
        except BaseException:
            self._inserted = before  # whoever goes on in spite of the error must not commit without them
            raise
        self._by_key.clear()

    def take(self) -> list[Ask]:
        """Return the jobs that are to be published now that all of it is committed, and start anew."""
        self.insert()  # in a test whose transaction never ends
        jobs = self._jobs()
        self.forget()
        return [job for job in jobs if job.at_most is None]

    def _jobs(self, start: int = 0) -> list[Ask]:
        """Return one ask for each job, in order."""
        asks = self._asks[start:]
        return folded(asks) if self._has_keys else asks

    def mark(self, savepoint: str) -> None:
        """Note what was asked for before a savepoint."""
        self._marks[savepoint] = len(self._asks), self._inserted

    def unmark(self, savepoint: str) -> None:
        """Forget a savepoint that was released."""
        self._marks.pop(savepoint, None)

    def roll_back_to(self, savepoint: str) -> None:
        """Forget what was asked for since a savepoint; what was asked for before and inserted since is to be again."""
        asks, self._inserted = self._marks.get(savepoint, (0, 0))
        del self._asks[asks:]
        self._by_key.clear()
        for ask in self._asks[self._inserted :]:
            if ask.key:
                self._job_of(ask)
        self.is_announced = False  # the hook may have been in the savepoint

    def insert_before(
        self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        """Insert before a statement that could miss what is not inserted; as a wrapper of the connection's."""
        if self._inserted != len(self._asks) and LEDGER in str(sql):
            self.insert()
        return execute(sql, params, many, context)


def folded(asks: Sequence[Ask]) -> list[Ask]:
    """Let those of the same job be one."""
    jobs: dict[str, Ask] = {}
    subjects: dict[str, list[str]] = {}
    for ask in asks:
        same = jobs.get(ask.id)
        jobs[ask.id] = same.and_again(ask) if same else ask
        if ask.unites:
            subjects.setdefault(ask.id, []).append(ask.kwargs)
    for job_id, texts in subjects.items():
        jobs[job_id] = replace(jobs[job_id], kwargs=uniting.united(texts))
    return list(jobs.values())


def insert(connection: "BaseDatabaseWrapper", asks: Sequence[Ask]) -> None:
    """Insert the rows of asks."""
    with connection.cursor() as cursor:
        for start in range(0, len(asks), MOST):
            cursor.execute(*statement(connection.vendor, asks[start : start + MOST]))


def statement(vendor: str, asks: Sequence[Ask]) -> tuple[str, list[str]]:
    """Return the INSERT and its parameters."""
    if len(asks) == 1 and (ask := asks[0]).is_plain:
        return statements.insert_one(vendor), [ask.id, ask.task, ask.queue, ask.kwargs, ask.about]
    return statements.insert_many(vendor), ["[" + ",".join([ask.as_json() for ask in asks]) + "]"]
