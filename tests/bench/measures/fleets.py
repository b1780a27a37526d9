"""What memory a fleet of idle workers takes."""

import time
from pathlib import Path

from tests.bench.measures.running import watch, working
from tests.bench.measures.size import Stuck
from tests.bench.peers import PEERS
from tests.bench.peers.peer import QUEUES

IDLE = 5.0  # seconds after the last job
PATIENCE = 20.0  # seconds


def memory(world, name, _size):
    """Let a worker for each queue run a job and be idle. Returns the megabytes of all, shared pages divided."""
    with world.fresh(name) as database, working(world, name, PEERS[name].fleet) as workers:
        world.probe(name, "asks.one_to_each")
        ran = watch(database, len(QUEUES), PATIENCE)
        if ran != len(QUEUES):
            raise Stuck(f"jobs of {ran} of {len(QUEUES)} queues ran")
        time.sleep(IDLE)
        processes = [process.pid for worker in workers for process in worker.tree()]
        return {"megabytes": sum(map(proportional, processes)) / 1024, "processes": len(processes)}


def proportional(pid):
    """Return the kilobytes of a process, each page divided by those who share it."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
