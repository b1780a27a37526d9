"""One measurement each: a peer, a fresh database, fresh processes. They return plain figures."""

import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import psutil

RAN = "SELECT id, ran_at, runs FROM bench_thing WHERE ran_at IS NOT NULL"
STARTING = 40  # seconds until the first job must have run
LOOK = 0.2  # seconds between two looks at the table
WARM = 10  # jobs that go ahead where latency is measured
PATIENCE = 10.0  # seconds that the last jobs may take


@dataclass(frozen=True, kw_only=True)
class Size:
    """How much is measured. window: seconds after the first job in which a queue is drained."""

    rounds: int
    saves: int
    storm: int
    jobs: int
    window: float
    paced: int


class Stuck(Exception):
    """A peer's workers did nothing."""


def save(world, name, size):
    world.fresh(name).close()
    return world.probe(name, "save", size.saves)


def storm(world, name, size):
    world.fresh(name).close()
    return world.probe(name, "storm", size.storm)


def drain(world, name, size):
    """Let jobs wait, start the workers, and see how fast they run: jobs a second, from 5 to 95 % of them."""
    with world.fresh(name) as database:
        world.probe(name, "fill", size.jobs)
        with working(world, name) as workers:
            before = len(watch(database, 1, size.window)), processor(workers)
            ran = watch(database, size.jobs, size.window)
            after = len(ran), processor(workers)
    cpu = (after[1] - before[1]) / max(1, after[0] - before[0])
    twice = sum(runs > 1 for *_, runs in ran)
    return {"rate": rate([at for _, at, _ in ran]), "cpu": cpu * 1e6, "ran": len(ran), "twice": twice}


def rate(began):
    """Return how many began in a second, without the first and the last twentieth: starting and ending are slower."""
    edge = len(began) // 20
    steady = sorted(began)[edge : len(began) - edge]
    return (len(steady) - 1) / max(steady[-1] - steady[0], 1e-6)


def processor(workers):
    """Return the seconds of processor that workers have used, with their children that have ended."""
    used = 0.0
    for process in [process for worker in workers for process in worker.tree()]:
        with suppress(psutil.Error):
            used += sum(process.cpu_times())
    return used


def latency(world, name, size):
    """Let jobs come evenly. Returns milliseconds from each commit to the start of its job."""
    with world.fresh(name) as database, working(world, name):
        world.probe(name, "pace", WARM)
        watch(database, WARM, PATIENCE)
        committed = world.probe(name, "pace", size.paced)
        ran = watch(database, WARM + size.paced, PATIENCE)
    started = {pk: at for pk, at, _ in ran}
    waits = [(started[int(pk)] - at) * 1e3 for pk, at in committed.items() if int(pk) in started]
    if len(waits) < 2:
        raise Stuck(f"{len(waits)} of {len(committed)} jobs ran in {PATIENCE} s")
    return {"waits": waits, "missing": len(committed) - len(waits)}


MEASURES = {"save": save, "storm": storm, "drain": drain, "latency": latency}


@contextmanager
def working(world, name):
    workers = world.start_workers(name)
    try:
        yield workers
    finally:
        world.stop(workers)


def watch(database, count, seconds):
    """Wait until so many jobs ran, or for seconds after the first. Returns what ran: number, clock, runs."""
    deadline = time.monotonic() + STARTING
    begun = False
    while True:
        ran = database.execute(RAN).fetchall()
        if ran and not begun:
            begun, deadline = True, time.monotonic() + seconds
        if len(ran) >= count or time.monotonic() > deadline:
            break
        time.sleep(LOOK)
    if not ran:
        raise Stuck(f"no job ran in {STARTING} s")
    return ran
