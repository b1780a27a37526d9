"""Rows of the ledger as objects, without the query that Django would build for them."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from django.db import connections
from django.db.backends.utils import CursorWrapper
from django.db.models.expressions import Col

from project.jobs.models import Job

FIELDS = Job._meta.concrete_fields
NAMES = [field.attname for field in FIELDS]
COLUMNS = ", ".join(str(field.column) for field in FIELDS)
Converters = list[Callable[..., Any]]


def jobs(cursor: CursorWrapper) -> list[Job]:
    """Return the jobs whose COLUMNS a statement has returned."""
    converters = converters_of(cursor.db.vendor)
    return [Job.from_db(cursor.db.alias, NAMES, values(row, converters, cursor.db)) for row in cursor.fetchall()]


def values(row: Sequence[Any], converters: Mapping[int, Converters], connection: Any) -> list[Any]:
    """Return a row's values as the model has them."""
    found = list(row)
    for at, steps in converters.items():
        for convert in steps:
            found[at] = convert(found[at], None, connection)
    return found


@cache
def converters_of(vendor: str) -> dict[int, Converters]:
    """Return what makes a field's value from the database's, by the field's place, where anything must."""
    connection = next(each for each in connections.all() if each.vendor == vendor)
    steps = [connection.ops.get_db_converters(Col("", field)) + field.get_db_converters(connection) for field in FIELDS]
    return {at: each for at, each in enumerate(steps) if each}
