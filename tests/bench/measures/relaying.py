"""How fast what was committed and never published is published."""

import time

from tests.bench.measures.asking import COUNT
from tests.bench.measures.running import working
from tests.bench.measures.size import Stuck
from tests.bench.peers import PEERS
from tests.bench.peers.of_celery import RELAY
from tests.bench.world import AWAY

LOOK = 0.01  # seconds between two looks at the table
PATIENCE = 60.0  # seconds


def relay(world, name, size):
    """Leave jobs in the table while the broker is away, and see how many are published a second."""
    with world.fresh(name) as database:
        world.probe(name, "asks.leave", size.many, BROKER_URL=AWAY)
        speed = ours(world, name) if PEERS[name].is_ours else theirs(world, name, database, size.many)
        published = world.servers.broker(PEERS[name].broker).length(PEERS[name].queue)
    if published != size.many:
        raise Stuck(f"{size.many} jobs were left in the table, and {published} published")
    return {"rate": speed}


def ours(world, name):
    found = world.probe(name, "relays.publish")
    return found["jobs"] / found["seconds"]


def theirs(world, name, database, count):
    """Let the relay work, and return its rate from 5 to 95 % of the rows."""
    looks, deadline = [(0.0, count)], time.monotonic() + PATIENCE
    with working(world, name, [RELAY]):
        while looks[-1][1] and time.monotonic() < deadline:
            time.sleep(LOOK)
            looks.append((time.monotonic(), left(database, PEERS[name].table)))
    (began, first), (ended, last) = (next(look for look in looks if look[1] <= count * part) for part in (0.95, 0.05))
    return (first - last) / (ended - began)


def left(database, table):
    return database.execute(f"{COUNT} {table}").fetchone()[0]
