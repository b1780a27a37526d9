"""The project's own jobs, in all ways in which they are measured."""

import sys

from tests.bench.peers.peer import ALL_AND_SQLITE, QUEUES, TOGETHER, Peer

RUN = (sys.executable, "celery_worker.py", "run")
MEASURED = (*ALL_AND_SQLITE, "relay", "fold", "recount", "memory", "ledger", "mail", "thumbnails")
OURS = {
    "module": "tests.bench.peers.ours",
    "packages": ("celery", "kombu"),
    "keeps": "in the database",
    "lost": "nothing; runs again after a crash",
    "workers": ((*RUN, "housekeeping", "--", "-c", str(TOGETHER)),),
    "fleet": tuple((*RUN, queue) for queue in QUEUES),
    "table": "jobs_job",
    "queue": "housekeeping",
    "is_ours": True,
}


def only(measure, *, is_quick=True, **others):
    """Return what is said of a way that is measured for one thing."""
    return OURS | {"measures": (measure,), "quick": (measure,) if is_quick else (), **others}


PEERS = {
    "ours": Peer(title="ours", measures=MEASURED, quick=MEASURED, **OURS),
    "ours-bulk": Peer(title="ours, `bulk_create`", **only("storm", is_quick=False)),
    "ours-bundle": Peer(title="ours, `bundle=100`", **only("drain", queue="")),
    "ours-rabbitmq": Peer(title="ours over RabbitMQ", **only("drain", is_quick=False, broker="rabbitmq")),
    "ours-each": Peer(title="ours, no key: one run a save", **only("fold")),
    "ours-live": Peer(title="ours, workers at work meanwhile", **only("fold", is_live=True)),
    "ours-all-in-one": Peer(title="ours, `--all-in-one`", **only("memory", fleet=((*RUN, "--all-in-one"),))),
}
