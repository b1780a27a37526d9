"""How much work is left of a storm of saves when the jobs that they ask for are folded."""

import time

from tests.bench.measures.running import watch, working
from tests.bench.measures.size import Stuck
from tests.bench.peers import PEERS

DONE = "SELECT count(*), coalesce(sum(seconds), 0) FROM bench_recount"
UNSETTLED = "SELECT count(*) FROM jobs_job WHERE state IN ('waiting', 'running')"
WRONG = """
    SELECT count(*) FROM bench_category category
    JOIN (
        SELECT category, count(*) AS items, sum(price) AS total, avg(price)::float8 AS average
        FROM bench_item GROUP BY category
    ) exact ON exact.category = category.id
    WHERE (category.items, category.total) <> (exact.items, exact.total)
        OR abs(category.average - exact.average) > 1e-6
"""
LOOK = 0.2  # seconds between two looks
PATIENCE = 150.0  # seconds


def fold(world, name, size):
    """Save in few categories, each save asking for a recount. Returns the seconds that the recounts worked."""
    with world.fresh(name) as database:
        if PEERS[name].is_live:
            with working(world, name):
                world.probe(name, "asks.fill", 1)
                watch(database, 1, 0)  # they have started
                world.probe(name, "folds.fold", size.many)
                runs, seconds = finished(database, name, size.many)
        else:
            world.probe(name, "folds.fold", size.many)
            with working(world, name):
                runs, seconds = finished(database, name, size.many)
        wrong = database.execute(WRONG).fetchone()[0]
        counted = database.execute("SELECT coalesce(sum(items), 0) FROM bench_category").fetchone()[0]
    if wrong or counted != size.many:
        raise Stuck(f"{wrong} categories are wrong after {runs} runs: {counted} of {size.many} saves counted")
    return {"seconds": seconds, "runs": runs}


def finished(database, name, count):
    """Wait until all has run. Returns the number of runs, and the seconds that they worked."""
    deadline = time.monotonic() + PATIENCE
    while True:
        runs, seconds = database.execute(DONE).fetchone()
        # What is folded has fewer runs than there were saves.
        folded = runs and PEERS[name].is_ours and not database.execute(UNSETTLED).fetchone()[0]
        if folded or runs == count:
            return runs, seconds
        if time.monotonic() > deadline:
            raise Stuck(f"{runs} runs of {count} saves after {PATIENCE} s")
        time.sleep(LOOK)
