"""The statements that run for each job, as fixed text: most of their time went into building them anew each time.

What runs seldom is written with Django's ORM. PostgreSQL and SQLite differ in a few words, chosen here.
"""

from functools import cache

SQLITE_NOW = "'%%Y-%%m-%%d %%H:%%M:%%f', 'NOW'"  # its CURRENT_TIMESTAMP knows no milliseconds
FIELDS = "id task queue kwargs about key asks priority feed parent depth settle at_most"  # of an ask, as JSON

WORDS = {
    "postgresql": {
        "now": "STATEMENT_TIMESTAMP()",
        "later": "STATEMENT_TIMESTAMP() + {} * INTERVAL '1 second'",
        "greatest": "GREATEST",
        "id": "{}",
        "asks": """JSONB_TO_RECORDSET(%s::jsonb) AS ask(id uuid, task text, queue text, kwargs jsonb, about text,
            key text, asks int, priority smallint, feed text, parent uuid, depth smallint, settle float, at_most float)
            """,
    },
    "sqlite": {
        "now": f"STRFTIME({SQLITE_NOW})",
        "later": f"STRFTIME({SQLITE_NOW}, {{}} || ' seconds')",
        "greatest": "MAX",
        "id": "REPLACE({}, '-', '')",
        "asks": "(SELECT {} FROM JSON_EACH(%s))".format(
            ", ".join(f"JSON_EXTRACT(value, '$.{name}') AS {name}" for name in FIELDS.split())
        ),
    },
}

NEW = """INSERT INTO jobs_job (id, task, queue, kwargs, about, key, asks, priority, feed, parent_id, depth, run_at,
    run_by, created_at, state, attempts, claims, deaths, sends, parked, worker, error) """
FRESH = "'waiting', 0, 0, 0, 0, '', '', ''"


@cache
def insert_one(vendor: str) -> str:
    """Return the INSERT of one ask that runs at once. Its parameters: id, task, queue, kwargs, about, depth."""
    now, key = WORDS[vendor]["now"], WORDS[vendor]["id"].format("%s")
    return NEW + f"VALUES ({key}, %s, %s, %s, %s, '', 1, 0, '', NULL, 0, {now}, NULL, {now}, {FRESH})"


@cache
def insert_many(vendor: str) -> str:
    """Return the INSERT of any asks. Its parameter: a JSON list of them, see `asks`; what one leaves out is usual."""
    words = WORDS[vendor]
    key, parent = words["id"].format("id"), words["id"].format("parent")
    due, latest = words["later"].format("COALESCE(settle, 0)"), words["later"].format("at_most")
    return NEW + (
        f"SELECT {key}, task, queue, kwargs, COALESCE(about, ''), COALESCE(key, ''), COALESCE(asks, 1), "
        f"COALESCE(priority, 0), COALESCE(feed, ''), {parent}, COALESCE(depth, 0), {due}, {latest}, {words['now']}, "
        f"{FRESH} FROM {words['asks']}"
    )


# What keeps a waiting job from being claimed at once. The reason is looked for only where nothing was claimed.
FREE = """
    AND (run_by IS NULL OR run_by <= {now})
    AND NOT EXISTS (SELECT 1 FROM jobs_pause WHERE (kind = 'queue' AND name = jobs_job.queue)
        OR (kind = 'task' AND name = jobs_job.task) OR (kind = 'key' AND name = jobs_job.key))
    AND NOT EXISTS (SELECT 1 FROM jobs_circuit WHERE name = %s AND probe_at IS NOT NULL)"""
ALONE = """
    AND (key = '' OR NOT EXISTS (SELECT 1 FROM jobs_job AS other WHERE other.task = jobs_job.task
        AND other.key = jobs_job.key AND other.state = 'running' AND NOT (other.key = '')))"""


@cache
def claim(vendor: str, number: int, *, free: bool) -> str:
    """Return the UPDATE that makes waiting jobs a worker's, and returns their rows.

    Its parameters: the worker, its process, the lease in seconds, the first job's id, the task, the jobs' ids, and,
    where only what is free is to be claimed, the name of the task's circuit.
    """
    words = WORDS[vendor]
    return f"""
        UPDATE jobs_job SET state = 'running', attempts = attempts + 1, claims = claims + 1, parked = '', error = '',
            worker = %s, pid = %s, started_at = {words["now"]}, lease_until = {words["later"].format("%s")},
            leader = NULLIF({words["id"].format("%s")}, id),
            published_at = COALESCE(published_at, run_at), sends = {words["greatest"]}(sends, 1)
        WHERE task = %s AND id IN ({", ".join([words["id"].format("%s")] * number)})
            AND state = 'waiting' AND run_at <= {words["now"]} AND (published_at IS NOT NULL OR feed = '')
            {ALONE} {FREE.format(now=words["now"]) if free else ""}
        RETURNING *"""


@cache
def succeed(vendor: str) -> str:
    """Return the UPDATE that ends a running job well, under the fence of its claim. Its parameters: id, claims."""
    words = WORDS[vendor]
    return f"""
        UPDATE jobs_job SET state = 'succeeded', lease_until = NULL, finished_at = {words["now"]}, error = ''
        WHERE id = {words["id"].format("%s")} AND state = 'running' AND claims = %s"""
