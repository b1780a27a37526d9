"""What steps cost on a ledger that holds years, beside one that is empty."""

import subprocess
import sys
from contextlib import contextmanager

from tests.bench.measures.turns import answer
from tests.support import ROOT

OLD = "old"
COLUMNS = "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s AND is_identity = 'NO'"
STEP = "i * interval '100 ms'"  # between two jobs of the past
# As version 7 of RFC 9562 has it, milliseconds first: new jobs are at the end of the index.
ID = f"""(lpad(to_hex((extract(epoch FROM sample.created_at - {STEP}) * 1000)::bigint), 12, '0')
    || '7' || left(md5(i::text), 3) || '8' || right(md5(i::text), 15))::uuid"""
OF_A_JOB = {
    "id": ID,
    "task": "(ARRAY['email.welcome', 'thumbnails.draw', 'statistics.recount', 'invoices.issue', task])[1 + i % 5]",
    "queue": "(ARRAY['email', 'thumbnails', 'statistics', 'invoices', queue])[1 + i % 5]",
    "about": "CASE i % 2 WHEN 0 THEN 'bench.thing:' || i / 20 ELSE '' END",
}
OF_A_TRY = {"job_id": "job.id", "started_at": "job.started_at", "finished_at": "job.finished_at"}


def ledger(world, name, size):
    """Let two processes take turns, one on an empty ledger and one on an old one. Returns microseconds of steps."""
    if OLD not in world.prepared:
        grow_old(world, name, size.rows)
        world.prepared.add(OLD)
    redis = world.servers.broker("redis")
    with (
        world.fresh(name),
        process(world, name, BROKER_URL=redis.url) as empty,
        process(world, name, DATABASE_URL=world.url(OLD), BROKER_URL=redis.other_url) as old,
    ):
        # The first has made the connections and the plans.
        turns = [(answer(empty), answer(old)) for _ in range(1 + size.blocks)][1:]
    return {
        step: {"empty": [empty[step] for empty, _ in turns], "old": [old[step] for _, old in turns]}
        for step in turns[0][0]
    }


def grow_old(world, name, rows):
    """Make a ledger of many settled jobs: copies of one that ran, at earlier times and some of other tasks."""
    with world.fresh(name, OLD) as database:
        world.probe(name, "ledgers.sample", DATABASE_URL=world.url(OLD))
        copy(database, "jobs_job", OF_A_JOB, f"jobs_job sample, generate_series(1, {rows}) i")
        copy(database, "jobs_attempt", OF_A_TRY, "jobs_attempt sample, jobs_job job WHERE job.id <> sample.job_id")
        database.execute("VACUUM ANALYZE")
        database.execute("CHECKPOINT")  # not later, while it is measured


def copy(database, table, values, source):
    """Insert rows like the one that is there. values: SQL for the columns that differ, times but for those of a job."""
    columns = database.execute(COLUMNS, (table,)).fetchall()
    shifted = {name: f"sample.{name} - {STEP}" for name, kind in columns if kind.startswith("timestamp")}
    words = [(shifted | values).get(name, f"sample.{name}") for name, _ in columns]
    names = ", ".join(name for name, _ in columns)
    database.execute(f"INSERT INTO {table} ({names}) SELECT {', '.join(words)} FROM {source}")


@contextmanager
def process(world, name, **others):
    """Start a process that measures a block for each line that it is sent."""
    with (
        open(world.folder / "ledger.log", "a") as log,
        subprocess.Popen(
            [sys.executable, "-m", "tests.bench.probe", "ledgers.answer"],
            env=world.environment(name, **others),
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as started,
    ):
        yield started
        started.communicate()  # ends what it reads, and with that the process
