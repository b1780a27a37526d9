"""SQLite."""

from django.db.backends.sqlite3 import base

from project.jobs.backends import Gathers


class DatabaseWrapper(Gathers, base.DatabaseWrapper):
    """A connection that gathers asks."""
