"""One measurement each: a peer, a fresh database, fresh processes. They return plain figures."""

from tests.bench.measures.asking import many, save, save_on_sqlite, storm
from tests.bench.measures.fleets import memory
from tests.bench.measures.folding import fold
from tests.bench.measures.ledgers import ledger
from tests.bench.measures.relaying import relay
from tests.bench.measures.running import drain, latency

MEASURES = {
    "save": save,
    "save-sqlite": save_on_sqlite,
    "storm": storm,
    "many": many,
    "drain": drain,
    "relay": relay,
    "latency": latency,
    "fold": fold,
    "memory": memory,
    "ledger": ledger,
}

__all__ = ["MEASURES"]
