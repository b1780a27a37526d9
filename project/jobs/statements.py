"""The statements that run for each job, as fixed text: most of their time went into building them anew each time.

What runs seldom is written with Django's ORM. PostgreSQL and SQLite differ in a few words, chosen here.
"""

import json
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

SQLITE_NOW = "'%%Y-%%m-%%d %%H:%%M:%%f', 'NOW'"  # its CURRENT_TIMESTAMP knows no milliseconds
FIELDS = "id task queue kwargs about key asks priority feed parent depth settle at_most"  # of an ask, as JSON

WORDS = {
    "postgresql": {
        "now": "STATEMENT_TIMESTAMP()",
        "later": "STATEMENT_TIMESTAMP() + {} * INTERVAL '1 second'",
        "greatest": "GREATEST",
        "id": "{}",
        "uuid": "%s::uuid",
        "among": "id = ANY(%s::uuid[])",
        "asks": """JSONB_TO_RECORDSET(%s::jsonb) AS ask(id uuid, task text, queue text, kwargs jsonb, about text,
            key text, asks int, priority smallint, feed text, parent uuid, depth smallint, settle float, at_most float)
            """,
    },
    "sqlite": {
        "now": f"STRFTIME({SQLITE_NOW})",
        "later": f"STRFTIME({SQLITE_NOW}, {{}} || ' seconds')",
        "greatest": "MAX",
        "id": "REPLACE({}, '-', '')",
        "uuid": "REPLACE(%s, '-', '')",
        "among": "id IN (SELECT REPLACE(value, '-', '') FROM JSON_EACH(%s))",
        "asks": "(SELECT {} FROM JSON_EACH(%s))".format(
            ", ".join(f"JSON_EXTRACT(value, '$.{name}') AS {name}" for name in FIELDS.split())
        ),
    },
}


def prepared(connection: Any) -> Any:
    """Return a cursor for one of these: one that prepares, where the connection has any."""
    cursor: Callable[[], Any] = getattr(connection, "prepared_cursor", connection.cursor)
    return cursor()


@cache
def insert_one(vendor: str) -> str:
    """Return the INSERT of one ask that is as most are. Its parameters: id, task, queue, kwargs, about."""
    job_id = WORDS[vendor]["uuid"]
    return f"INSERT INTO jobs_job (id, task, queue, kwargs, about) VALUES ({job_id}, %s, %s, %s, %s)"


@cache
def insert_many(vendor: str) -> str:
    """Return the INSERT of any asks. Its parameter: a JSON list of them, see `asks`; what one leaves out is usual."""
    words = WORDS[vendor]
    job_id, parent = words["id"].format("id"), words["id"].format("parent")
    due, latest = words["later"].format("COALESCE(settle, 0)"), words["later"].format("at_most")
    return f"""
        INSERT INTO jobs_job
            (id, task, queue, kwargs, about, key, asks, priority, feed, parent_id, depth, run_at, run_by)
        SELECT {job_id}, task, queue, kwargs, COALESCE(about, ''), COALESCE(key, ''), COALESCE(asks, 1),
            COALESCE(priority, 0), COALESCE(feed, ''), {parent}, COALESCE(depth, 0), {due}, {latest}
        FROM {words["asks"]}"""


# What else a job must be to be claimed. Where nothing was claimed it is asked why: mostly nothing is in the way, and to
# plan for all that may be takes PostgreSQL longer than the update.
NOTHING_IN_THE_WAY = """
    AND (run_by IS NULL OR run_by <= {now}) AND NOT EXISTS (SELECT 1 FROM jobs_pause)
    AND NOT EXISTS (SELECT 1 FROM jobs_circuit WHERE probe_at IS NOT NULL)"""
NO_KEY = "AND key = ''"
ALONE = """
    AND (key = '' OR NOT EXISTS (SELECT 1 FROM jobs_job AS other WHERE other.task = jobs_job.task
        AND other.key = jobs_job.key AND other.state = 'running' AND NOT (other.key = '')))"""
CONDITIONS = {"plain": NOTHING_IN_THE_WAY + NO_KEY, "keyed": NOTHING_IN_THE_WAY + ALONE, "checked": ALONE}


@cache
def claim(vendor: str, kind: str, columns: str, *, is_bundle: bool) -> str:
    """Return the UPDATE that makes waiting jobs a worker's, and returns these columns of theirs.

    kind: of CONDITIONS; `checked` is for a job of which somebody has seen that nothing is in its way.
    Its parameters: the worker, its process, the lease in seconds, the first job's id, the task, and that id again, or
    for a bundle the jobs' ids (`ids`).
    """
    words = WORDS[vendor]
    # Of a list PostgreSQL thinks that its length is worth planning anew each time.
    these = words["among"] if is_bundle else f"id = {words['uuid']}"
    return f"""
        UPDATE jobs_job SET state = 'running', attempts = attempts + 1, claims = claims + 1, parked = '', error = '',
            worker = %s, pid = %s, started_at = {words["now"]}, lease_until = {words["later"].format("%s")},
            leader = NULLIF({words["uuid"]}, id),
            published_at = COALESCE(published_at, run_at), sends = {words["greatest"]}(sends, 1)
        WHERE task = %s AND {these}
            AND state = 'waiting' AND run_at <= {words["now"]} AND (published_at IS NOT NULL OR feed = '')
            {CONDITIONS[kind].format(now=words["now"])}
        RETURNING {columns}"""


@cache
def mark_published(vendor: str) -> str:
    """Return the UPDATE that notes of waiting jobs that the broker was told. Its parameter: see `ids`.

    One whose message was taken and dropped, or that has run and waits again, is to be told of anew: it stays as it is.
    """
    words = WORDS[vendor]
    return f"""
        UPDATE jobs_job SET published_at = COALESCE(published_at, {words["now"]}), sends = sends + 1
        WHERE {words["among"]} AND state = 'waiting' AND claims = 0
            AND (sends = 0 OR published_at IS NOT NULL)"""


def ids(vendor: str, jobs: Sequence[str]) -> str:
    """Return many ids as one parameter, which takes a fraction of the time that one each would."""
    return json.dumps(jobs) if vendor == "sqlite" else "{" + ",".join(jobs) + "}"


@cache
def succeed(vendor: str) -> str:
    """Return the UPDATE that ends a running job well, under the fence of its claim. Its parameters: id, claims."""
    words = WORDS[vendor]
    return f"""
        UPDATE jobs_job SET state = 'succeeded', lease_until = NULL, finished_at = {words["now"]}, error = ''
        WHERE id = {words["uuid"]} AND state = 'running' AND claims = %s"""
