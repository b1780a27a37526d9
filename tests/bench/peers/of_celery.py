"""Celery, as it comes and with what is added to it."""

import sys

from tests.bench.peers.peer import ALL, ALL_AND_SQLITE, DJANGO, QUEUES, TOGETHER, Peer

PLAIN, KEPT, OUTBOX = (f"tests.bench.peers.{name}" for name in ("plain_celery", "kept_celery", "outbox"))
# The batch is its manual's for a high volume; one publisher, which is its default, is what that recommends.
RELAY = (*DJANGO, "celery_outbox_relay", "--batch-size", "500")


def worker(module, *options):
    return (sys.executable, "-m", "celery", "-A", module, "worker", *(options or ("-c", str(TOGETHER))))


def fleet(module):
    """Return the commands of a worker for each queue, with as many processes as ours has for it."""
    return tuple(
        worker(module, "-Q", name, "-n", f"{name}@%h", "-c", str(queue.concurrency)) for name, queue in QUEUES.items()
    )


def settings(broker):
    return {"CELERY_BROKER_URL": broker, "CELERY_TASK_IGNORE_RESULT": True}


def settings_with_results(broker):
    return {"CELERY_BROKER_URL": broker, "CELERY_RESULT_BACKEND": "django-db", "CELERY_RESULT_EXTENDED": True}


def settings_of_outbox(broker):
    return settings(broker) | {"CELERY_OUTBOX_APP": f"{OUTBOX}.app"}


CELERY = {
    "module": PLAIN,
    "packages": ("celery", "kombu"),
    "keeps": "in Redis",
    "lost": "between commit and Redis, and with its worker",
    "workers": (worker(PLAIN),),
    "settings": settings,
    "queue": "celery",
}
CELERY_KEPT = CELERY | {"module": KEPT, "workers": (worker(KEPT),)}
MEASURED = (*ALL_AND_SQLITE, "memory")
KEPT_FOR = ("drain", "latency", "fold")  # what a kept connection changes

PEERS = {
    "celery": Peer(title="Celery", measures=MEASURED, quick=MEASURED, fleet=fleet(PLAIN), **CELERY),
    "celery-kept": Peer(title="Celery, connection kept", measures=KEPT_FOR, quick=KEPT_FOR, **CELERY_KEPT),
    "celery-rabbitmq": Peer(
        title="Celery over RabbitMQ, connection kept",
        broker="rabbitmq",
        **CELERY_KEPT | {"keeps": "in RabbitMQ", "lost": "between commit and RabbitMQ, and with its worker"},
    ),
    "celery-results": Peer(
        title="Celery, django-celery-results",
        apps=("django_celery_results",),
        **CELERY | {"packages": ("celery", "kombu", "django-celery-results"), "settings": settings_with_results},
    ),
    "celery-outbox": Peer(
        title="django-celery-outbox",
        module=OUTBOX,
        packages=("django-celery-outbox", "celery"),
        keeps="in the database, then in Redis",
        lost="with its worker",
        workers=(worker(OUTBOX), RELAY),
        measures=(*ALL, "relay"),  # it refuses SQLite
        quick=("save", "relay"),
        apps=("django_celery_outbox",),
        settings=settings_of_outbox,
        table="celery_outbox",
        queue="celery",
        is_relayed=True,
    ),
}
