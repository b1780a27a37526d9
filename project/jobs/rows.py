"""Rows of the ledger as objects, without the query that Django would build for them."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from django.db import connections
from django.db.backends.utils import CursorWrapper
from django.db.models.expressions import Col

from project.jobs.models import Job

FIELDS = Job._meta.concrete_fields
Reader = tuple[int, list[Callable[..., Any]]]


def jobs(cursor: CursorWrapper) -> list[Job]:
    """Return the jobs whose whole rows a statement has returned, in whatever order of columns."""
    readers = readers_of(cursor.db.vendor, tuple(column[0] for column in cursor.description))
    names = [field.attname for field in FIELDS]
    return [Job.from_db(cursor.db.alias, names, values(row, readers, cursor.db)) for row in cursor.fetchall()]


def values(row: Sequence[Any], readers: Sequence[Reader], connection: Any) -> list[Any]:
    """Return a row's values as the model has them, in its order."""
    found = []
    for at, converters in readers:
        value = row[at]
        for convert in converters:
            value = convert(value, None, connection)
        found.append(value)
    return found


@cache
def readers_of(vendor: str, columns: tuple[str, ...]) -> list[Reader]:
    """Return for each field where its column is, and what makes its value from the database's."""
    connection = next(each for each in connections.all() if each.vendor == vendor)
    return [
        (
            columns.index(field.column),
            connection.ops.get_db_converters(Col("", field)) + field.get_db_converters(connection),
        )
        for field in FIELDS
    ]
