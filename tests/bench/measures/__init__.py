"""One measurement each: a peer, a fresh database, fresh processes. They return plain figures."""

from tests.bench.measures.asking import many, save, save_on_sqlite, storm
from tests.bench.measures.counting import recount
from tests.bench.measures.fleets import memory
from tests.bench.measures.folding import fold
from tests.bench.measures.invoicing import invoices
from tests.bench.measures.ledgers import ledger
from tests.bench.measures.mailing import mail
from tests.bench.measures.relaying import relay
from tests.bench.measures.running import drain, latency
from tests.bench.measures.thumbnails import thumbnails

MEASURES = {
    "save": save,
    "save-sqlite": save_on_sqlite,
    "storm": storm,
    "many": many,
    "drain": drain,
    "relay": relay,
    "latency": latency,
    "fold": fold,
    "recount": recount,
    "memory": memory,
    "ledger": ledger,
    "mail": mail,
    "invoices": invoices,
    "thumbnails": thumbnails,
}

__all__ = ["MEASURES"]
