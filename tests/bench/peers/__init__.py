"""Who is measured: how each is set up, what it is measured for, and what it promises."""

import sys

from tests.bench.peers.peer import (
    DJANGO,
    TOGETHER,
    Peer,
    celery_results,
    celery_settings,
    celery_worker,
    dramatiq_settings,
    huey_settings,
)

OURS = {
    "module": "tests.bench.peers.ours",
    "packages": ("celery", "kombu"),
    "keeps": "in the database",
    "lost": "nothing; runs again after a crash",
    "workers": ((sys.executable, "celery_worker.py", "run", "housekeeping", "--", "-c", str(TOGETHER)),),
    "is_ours": True,
    "is_quick": True,
}
CELERY = {
    "module": "tests.bench.peers.plain_celery",
    "packages": ("celery", "kombu"),
    "keeps": "in Redis",
    "lost": "between commit and Redis, and with its worker",
    "workers": (celery_worker("tests.bench.peers.plain_celery"),),
}
CALLED_KEPT = "tests.bench.peers.kept_celery"

PEERS = {
    "ours": Peer(title="ours", **OURS),
    "ours-bundle": Peer(title="ours, `bundle=100`", **OURS | {"measures": ("drain",)}),
    "ours-many": Peer(title="ours, `enqueue_many`", **OURS | {"measures": ("storm",)}),
    "ours-bulk": Peer(title="ours, `bulk_create`", **OURS | {"measures": ("storm",)}),
    "celery": Peer(title="Celery", settings=celery_settings, is_quick=True, **CELERY),
    "celery-kept": Peer(
        title="Celery, connection kept",
        settings=celery_settings,
        is_quick=True,
        **CELERY | {"module": CALLED_KEPT, "workers": (celery_worker(CALLED_KEPT),), "measures": ("drain", "latency")},
    ),
    "celery-results": Peer(
        title="Celery, django-celery-results",
        apps=("django_celery_results",),
        settings=lambda broker: {"CELERY_BROKER_URL": broker} | celery_results(broker),
        **CELERY | {"packages": ("celery", "kombu", "django-celery-results")},
    ),
    "celery-outbox": Peer(
        title="django-celery-outbox",
        module="tests.bench.peers.outbox",
        packages=("django-celery-outbox", "celery"),
        keeps="in the database, then in Redis",
        lost="with its worker",
        workers=(celery_worker("tests.bench.peers.outbox"), (*DJANGO, "celery_outbox_relay")),
        apps=("django_celery_outbox",),
        settings=lambda broker: celery_settings(broker) | {"CELERY_OUTBOX_APP": "tests.bench.peers.outbox.app"},
    ),
    "django-tasks-db": Peer(
        title="django-tasks-db",
        module="tests.bench.peers.django_tasks",
        packages=("django-tasks", "django-tasks-db"),
        keeps="in the database",
        lost="stays running for ever when its worker dies",
        workers=((*DJANGO, "db_worker"),) * TOGETHER,
        apps=("django_tasks", "django_tasks_db"),
        settings=lambda _broker: {"TASKS": {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}},
        is_quick=True,
    ),
    "procrastinate": Peer(
        title="procrastinate",
        module="tests.bench.peers.procrastinate",
        packages=("procrastinate",),
        keeps="in the database",
        lost="stalled when its worker dies, until a task of one's own retries it",
        workers=((*DJANGO, "procrastinate", "worker", "--concurrency", "1"),) * TOGETHER,
        apps=("procrastinate.contrib.django",),
        is_quick=True,
    ),
    "django-q2": Peer(
        title="django-q2 (ORM)",
        module="tests.bench.peers.django_q2",
        packages=("django-q2",),
        keeps="in the database",
        lost="nothing; runs again after `retry`",
        workers=((*DJANGO, "qcluster"),),
        apps=("django_q",),
        settings=lambda _broker: {
            "Q_CLUSTER": {"name": "bench", "workers": TOGETHER, "orm": "default", "timeout": 60, "retry": 120}
        },
    ),
    "dramatiq": Peer(
        title="Dramatiq",
        module="tests.bench.peers.dramatiq",
        packages=("dramatiq", "django-dramatiq"),
        keeps="in Redis",
        lost="between commit and Redis",
        workers=((*DJANGO, "rundramatiq", "--processes", str(TOGETHER), "--threads", "1"),),
        apps=("django_dramatiq",),
        settings=dramatiq_settings,
        is_quick=True,
    ),
    "huey": Peer(
        title="Huey",
        module="tests.bench.peers.huey",
        packages=("huey",),
        keeps="in Redis, until a worker takes it",
        lost="between commit and Redis, and with its worker",
        workers=((*DJANGO, "run_huey"),),
        apps=("huey.contrib.djhuey",),
        settings=huey_settings,
        is_quick=True,
    ),
    "rq": Peer(
        title="RQ, django-rq",
        module="tests.bench.peers.rq",
        packages=("rq", "django-rq"),
        keeps="in Redis",
        lost="between commit and Redis; is failed when its worker dies",
        workers=((*DJANGO, "rqworker"),) * TOGETHER,
        apps=("django_rq",),
        settings=lambda broker: {"RQ_QUEUES": {"default": {"URL": broker}}},
    ),
}
