"""How fast workers run what waits, and how soon what comes evenly."""

import time
from contextlib import contextmanager, suppress

import psutil

from tests.bench.measures.asking import asked
from tests.bench.measures.size import Stuck
from tests.bench.peers import PEERS

RAN = "SELECT id, ran_at, runs FROM bench_thing WHERE ran_at IS NOT NULL"
STARTING = 40  # seconds until the first job must have run
LOOK = 0.2  # seconds between two looks at the table
WARM = 10  # jobs that go ahead where latency is measured
PATIENCE = 15.0  # seconds that the last jobs may take
IDLE, BUSY = 120, 10  # milliseconds between two saves


def drain(world, name, size):
    """Let jobs wait, start the workers, and see how fast they run: jobs a second, from 5 to 95 % of them."""
    with world.fresh(name) as database:
        asked(world, name, database, world.probe(name, "asks.fill", size.jobs))
        with working(world, name) as workers:
            before = watch(database, 1, size.window), processor(workers)
            after = watch(database, size.jobs, size.window), processor(workers)
        ran = database.execute(RAN).fetchall()
    cpu = (after[1] - before[1]) / max(1, after[0] - before[0])
    return {
        "rate": rate([at for _, at, _ in ran]),
        "cpu": cpu * 1e6,
        "ran": len(ran),
        "twice": sum(runs > 1 for *_, runs in ran),
    }


def rate(began):
    """Return how many began in a second, without the first and the last twentieth: starting and ending are slower."""
    edge = len(began) // 20
    steady = sorted(began)[edge : len(began) - edge]
    if len(steady) < 2:
        raise Stuck(f"{len(began)} jobs ran")
    return (len(steady) - 1) / max(steady[-1] - steady[0], 1e-6)


def processor(workers):
    """Return the seconds of processor that workers have used, with their children that have ended."""
    used = 0.0
    for process in [process for worker in workers for process in worker.tree()]:
        with suppress(psutil.Error):
            used += sum(process.cpu_times())
    return used


def latency(world, name, size):
    """Let jobs come evenly, a few and many a second. Returns milliseconds from each commit to the start of its job."""
    with world.fresh(name) as database, working(world, name):
        world.probe(name, "asks.pace", WARM, IDLE)
        watch(database, WARM, PATIENCE)
        idle = waits(world, name, database, size.idle, IDLE)
        busy = waits(world, name, database, size.busy, BUSY)
    missing = size.idle + size.busy - len(idle) - len(busy)
    return {"idle": idle, "busy": busy, "missing": missing}


def waits(world, name, database, count, pause):
    """Let jobs come evenly. Returns the milliseconds of those that ran."""
    committed = world.probe(name, "asks.pace", count, pause)
    (saved,) = database.execute("SELECT count(*) FROM bench_thing").fetchone()
    watch(database, saved, PATIENCE)
    started = {pk: at for pk, at, _ in database.execute(RAN)}
    found = [(started[int(pk)] - at) * 1e3 for pk, at in committed.items() if int(pk) in started]
    if len(found) < count / 2:
        raise Stuck(f"{len(found)} of {count} jobs ran in {PATIENCE} s")
    return found


@contextmanager
def working(world, name, commands=None, **others):
    workers = world.start(name, commands or PEERS[name].workers, **others)
    try:
        yield workers
    except Stuck as error:
        dead = [worker.log.read_text()[-150:] for worker in workers if not worker.lives]
        raise Stuck(": ".join([str(error), *dead])) from error
    finally:
        world.stop(workers)


def watch(database, count, seconds):
    """Wait until so many jobs ran, or for seconds after the first. Returns how many ran."""
    deadline, begun = time.monotonic() + STARTING, False
    while True:
        (ran,) = database.execute("SELECT count(*) FROM bench_thing WHERE ran_at IS NOT NULL").fetchone()
        if ran and not begun:
            begun, deadline = True, time.monotonic() + seconds
        if ran >= count or time.monotonic() > deadline:
            break
        time.sleep(LOOK)
    if not ran:
        raise Stuck(f"no job ran in {STARTING} s")
    return ran
