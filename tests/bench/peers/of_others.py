"""What is no Celery."""

from tests.bench.peers.peer import ALL_AND_SQLITE, DJANGO, TOGETHER, Peer


def dramatiq_settings(broker):
    return {
        "DRAMATIQ_BROKER": {
            "BROKER": "dramatiq.brokers.redis.RedisBroker",
            "OPTIONS": {"url": broker},
            "MIDDLEWARE": [
                "dramatiq.middleware.AgeLimit",
                "dramatiq.middleware.TimeLimit",
                "dramatiq.middleware.Callbacks",
                "dramatiq.middleware.Retries",
                "django_dramatiq.middleware.DbConnectionsMiddleware",
            ],
        }
    }


def huey_settings(broker):
    return {
        "HUEY": {
            "huey_class": "huey.RedisHuey",
            "name": "bench",
            "immediate": False,
            "connection": {"url": broker},
            "consumer": {"workers": TOGETHER, "worker_type": "process"},
        }
    }


PEERS = {
    "django-tasks-db": Peer(
        title="django-tasks-db",
        module="tests.bench.peers.django_tasks",
        packages=("django-tasks", "django-tasks-db"),
        keeps="in the database",
        lost="stays running for ever when its worker dies",
        workers=((*DJANGO, "db_worker"),) * TOGETHER,
        measures=ALL_AND_SQLITE,
        quick=("save", "save-sqlite", "drain"),
        apps=("django_tasks", "django_tasks_db"),
        settings=lambda _broker: {"TASKS": {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}},
        table="django_tasks_database_dbtaskresult",
    ),
    "procrastinate": Peer(
        title="procrastinate",
        module="tests.bench.peers.procrastinate",
        packages=("procrastinate",),
        keeps="in the database",
        lost="stalled when its worker dies, until a task of one's own retries it",
        workers=((*DJANGO, "procrastinate", "worker", "--concurrency", "1"),) * TOGETHER,
        quick=("save", "many", "drain"),
        apps=("procrastinate.contrib.django",),
        table="procrastinate_jobs",
    ),
    "django-q2": Peer(
        title="django-q2 (ORM)",
        module="tests.bench.peers.django_q2",
        packages=("django-q2",),
        keeps="in the database",
        lost="nothing; runs again after `retry`",
        workers=((*DJANGO, "qcluster"),),
        measures=ALL_AND_SQLITE,
        quick=("save", "save-sqlite", "drain"),
        apps=("django_q",),
        settings=lambda _broker: {
            "Q_CLUSTER": {"name": "bench", "workers": TOGETHER, "orm": "default", "timeout": 60, "retry": 120}
        },
        table="django_q_ormq",
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
        queue="dramatiq:default",
    ),
    "huey": Peer(
        title="Huey",
        module="tests.bench.peers.huey",
        packages=("huey",),
        keeps="in Redis, until a worker takes it",
        lost="between commit and Redis, and with its worker",
        workers=((*DJANGO, "run_huey"),),
        measures=ALL_AND_SQLITE,
        quick=("save", "storm", "drain", "latency"),
        apps=("huey.contrib.djhuey",),
        settings=huey_settings,
        queue="huey.redis.bench",
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
        queue="rq:queue:default",
    ),
}
