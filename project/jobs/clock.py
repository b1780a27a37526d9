"""Time as the database has it: a worker with a wrong clock breaks nothing."""

from datetime import UTC, datetime

from django.db import connection

NOW = {"sqlite": "STRFTIME('%Y-%m-%d %H:%M:%f', 'NOW')"}  # its CURRENT_TIMESTAMP knows no milliseconds


def database_time() -> datetime:
    """Return the database's time, in UTC."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {NOW.get(connection.vendor, 'CURRENT_TIMESTAMP')}")
        now = datetime.fromisoformat(str(cursor.fetchone()[0]))
    return now.replace(tzinfo=now.tzinfo or UTC).astimezone(UTC)  # SQLite's is text, without a zone
