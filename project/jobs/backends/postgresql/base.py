"""PostgreSQL, where the INSERT travels together with the COMMIT."""

from collections.abc import Sequence
from typing import Any, cast

from django.db.backends.postgresql import base
from django.db.backends.utils import CursorWrapper, debug_transaction
from psycopg import errors, generators
from psycopg.pq import Escaping, ExecStatus

from project.jobs.backends import Gathers


class PreparingCursor(cast("Any", base.ServerBindingCursor)):  # type: ignore[misc]  # the stubs do not know it
    """Has the server plan a statement once for each connection, not once for each time that it runs."""

    def execute(self, query: Any, params: Any = None, **_: Any) -> Any:
        """Execute."""
        return super().execute(query, params, prepare=True)


class DatabaseWrapper(Gathers, base.DatabaseWrapper):
    """A connection that gathers asks."""

    def get_connection_params(self) -> dict[str, Any]:
        """Return psycopg's parameters, with preparing allowed: Django's own cursors never do."""
        return {**super().get_connection_params(), "prepare_threshold": 5}

    def prepared_cursor(self) -> CursorWrapper:
        """Return a cursor that prepares, with all that Django wraps around its own.

        Not behind a pooler that changes servers between transactions, of which Django is told by this setting.
        """
        wrapped = self.cursor()
        if not self.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS"):
            wrapped.cursor = PreparingCursor(self.connection)
        return wrapped

    def insert_last(self, sql: str, params: Sequence[str]) -> None:
        """Insert and commit in one round trip; psycopg then sees that there is nothing left to commit.

        Sent as psycopg sends its COMMIT: a cursor of its own, and Django's around it, take as long as the server does.
        """
        server = self.connection.pgconn
        escape = Escaping(server).escape_literal
        text = sql % tuple(escape(each.encode()).decode() for each in params) + "; COMMIT"
        with debug_transaction(self, text), self.wrap_database_errors, self.connection.lock:
            server.send_query(text.encode())
            for result in self.connection.wait(generators.execute(server)):
                if result.status != ExecStatus.COMMAND_OK:
                    raise errors.error_from_result(result)
