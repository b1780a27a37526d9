"""PostgreSQL, where the INSERT travels together with the COMMIT."""

from collections.abc import Sequence
from itertools import count
from typing import Any, cast

from django.db.backends.postgresql import base
from django.db.backends.utils import CursorWrapper, debug_transaction
from psycopg import errors, generators
from psycopg.pq import Escaping, ExecStatus

from project.jobs.backends import Gathers

# Somebody discarded what was prepared; or a migration changed the table, and what it returns is another row now.
OUTDATED = (errors.InvalidSqlStatementName, errors.FeatureNotSupported)


class PreparingCursor(cast("Any", base.Cursor)):  # type: ignore[misc]  # the stubs do not know it
    """Executes what the server has planned once for the connection."""

    def __init__(self, wrapper: "DatabaseWrapper") -> None:
        super().__init__(wrapper.connection)
        self._wrapper = wrapper

    def execute(self, query: str, params: Any = None) -> Any:
        """Execute."""
        try:
            return super().execute(self._wrapper.prepare(query), params)
        except OUTDATED:
            self._wrapper.forget_prepared()
            raise


class DatabaseWrapper(Gathers, base.DatabaseWrapper):
    """A connection that gathers asks, and prepares statements itself.

    psycopg discards all that it has prepared after each ROLLBACK.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._numbers = count()
        self.forget_prepared()

    def forget_prepared(self) -> None:
        """Prepare anew what is executed from now on."""
        self._prepared: dict[str, str] = {}  # what executes a statement, by its text

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connect, to a server that has prepared nothing yet."""
        self.forget_prepared()
        return super().get_new_connection(conn_params)

    def prepared_cursor(self) -> CursorWrapper:
        """Return a cursor that prepares, with all that Django wraps around its own."""
        wrapped = self.cursor()
        if self.prepares:
            wrapped.cursor = PreparingCursor(self)
        return wrapped

    @property
    def prepares(self) -> bool:
        """Whether the server keeps what is prepared, for this connection alone.

        Not behind a pooler that changes servers between transactions, of which Django is told by the first of these;
        and where psycopg prepares too it discards ours as well.
        """
        options = self.settings_dict.get("OPTIONS", {})
        shares = options.get("pool") or options.get("server_side_binding")
        return not (self.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS") or shares)

    def insert_last(self, sql: str, params: Sequence[str]) -> None:
        """Insert and commit in one round trip; psycopg then sees that there is nothing left to commit.

        Sent as psycopg sends its COMMIT: a cursor of its own, and Django's around it, take as long as the server does.
        """
        escape = Escaping(self.connection.pgconn).escape_literal
        values = tuple([escape(each.encode()).decode() for each in params])
        with debug_transaction(self, sql % values + "; COMMIT"), self.wrap_database_errors, self.connection.lock:
            text = (self._prepare(sql) if self.prepares else sql) % values
            self.connection.pgconn.send_query(f"{text}; COMMIT".encode())
            self._finish()

    def prepare(self, sql: str) -> str:
        """Have the server plan the statement, once for each connection. Returns what executes it."""
        with self.connection.lock:
            return self._prepare(sql)

    def _prepare(self, sql: str) -> str:
        if sql not in self._prepared:
            name, parameters = f"jobs_{next(self._numbers)}", sql.count("%s")
            numbered = sql % tuple(f"${number}" for number in range(1, parameters + 1))
            self.connection.pgconn.send_prepare(name.encode(), numbered.encode())
            self._finish()
            self._prepared[sql] = f"EXECUTE {name} ({', '.join(parameters * ['%s'])})"
        return self._prepared[sql]

    def _finish(self) -> None:
        """Wait for the server to end what it was sent."""
        for result in self.connection.wait(generators.execute(self.connection.pgconn)):
            if result.status != ExecStatus.COMMAND_OK:
                error = errors.error_from_result(result)
                if isinstance(error, OUTDATED):
                    self.forget_prepared()
                raise error
