"""PostgreSQL, where the INSERT travels together with the COMMIT."""

from collections.abc import Sequence

from django.db.backends.postgresql import base
from django.db.backends.utils import debug_transaction
from psycopg import errors, generators
from psycopg.pq import Escaping, ExecStatus

from project.jobs.backends import Gathers


class DatabaseWrapper(Gathers, base.DatabaseWrapper):
    """A connection that gathers asks."""

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
