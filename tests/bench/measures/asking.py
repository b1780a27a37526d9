"""What asking costs whoever asks: a save with its job, many saves in one transaction, many jobs without a save."""

from tests.bench.measures.size import Stuck
from tests.bench.peers import PEERS

COUNT = "SELECT count(*) FROM"


def save(world, name, size):
    with world.fresh(name) as database:
        return asked(world, name, database, world.probe(name, "saves.save", size.saves))


def save_on_sqlite(world, name, size):
    with world.fresh_file(name) as database:
        found = world.probe(name, "saves.save", size.saves, DATABASE_URL=f"sqlite:///{world.file}")
        return asked(world, name, database, found)


def storm(world, name, size):
    with world.fresh(name) as database:
        return asked(world, name, database, world.probe(name, "saves.storm", size.many))


def many(world, name, size):
    with world.fresh(name) as database:
        return asked(world, name, database, world.probe(name, "asks.many", size.many))


def asked(world, name, database, found):
    """Return what a probe found, where as much waits for workers as it asked for."""
    peer = PEERS[name]
    waiting = {}
    if peer.table:
        waiting[peer.table] = database.execute(f"{COUNT} {peer.table}").fetchone()[0]
    if peer.queue and not peer.is_relayed:
        waiting[peer.queue] = world.servers.broker(peer.broker).length(peer.queue)
    if set(waiting.values()) != {found["asked"]}:
        raise Stuck(f"{found['asked']} jobs were asked for, and {waiting} found")
    return found
