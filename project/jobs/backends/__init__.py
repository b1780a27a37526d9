"""Django's own database backends with one thing more: what a transaction asks for is inserted just before its COMMIT.

ENGINE names one of them. A backend of another package gets the same by `class DatabaseWrapper(Gathers, TheirWrapper)`.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from project.jobs.gathering import Gathered

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper as Base
    from django.db.backends.utils import CursorWrapper
else:
    Base = object


class Gathers(Base):
    """A connection that gathers asks; see `gathering`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.gathered = Gathered(self)
        # First, so that it is the outermost: Django's `execute_wrapper` takes away the last one when it ends.
        self.execute_wrappers.insert(0, self.gathered.insert_before)

    def _commit(self) -> None:
        self.gathered.insert(is_last=True)
        super()._commit()  # type: ignore[misc]  # not in the stubs, as those below

    def insert_last(self, sql: str, params: Sequence[str]) -> None:
        """Insert what was asked for, when the next statement is COMMIT."""
        with self.cursor() as cursor:
            cursor.execute(sql, params)

    def prepared_cursor(self) -> "CursorWrapper":
        """Return a cursor for a statement that this connection will run many times."""
        return self.cursor()

    def _rollback(self) -> None:
        self.gathered.forget()
        super()._rollback()  # type: ignore[misc]

    def close(self) -> None:
        """Close, and with the transaction forget what it asked for."""
        self.gathered.forget()
        super().close()

    def _savepoint(self, sid: str) -> None:
        super()._savepoint(sid)  # type: ignore[misc]
        self.gathered.mark(sid)

    def _savepoint_commit(self, sid: str) -> None:
        super()._savepoint_commit(sid)  # type: ignore[misc]
        self.gathered.unmark(sid)

    def _savepoint_rollback(self, sid: str) -> None:
        super()._savepoint_rollback(sid)  # type: ignore[misc]
        self.gathered.roll_back_to(sid)
