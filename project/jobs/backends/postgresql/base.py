"""PostgreSQL, where the INSERT travels together with the COMMIT."""

from django.db.backends.postgresql import base

from project.jobs.backends import Gathers


class DatabaseWrapper(Gathers, base.DatabaseWrapper):
    """A connection that gathers asks."""

    def insert_gathered(self) -> None:
        """Insert and commit in one round trip; psycopg then sees that there is nothing left to commit.

        The server takes two statements at once only where psycopg binds their parameters, as Django has it do.
        """
        binds_there = self.settings_dict["OPTIONS"].get("server_side_binding") is True
        self.gathered.insert(and_commit=not binds_there)
