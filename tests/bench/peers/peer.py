"""What is said of a peer, and the settings that take more than a line."""

import sys
from collections.abc import Callable
from dataclasses import dataclass

TOGETHER = 2  # jobs at once, for all alike
ALL = ("save", "storm", "drain", "latency")
DJANGO = (sys.executable, "-m", "django")


@dataclass(frozen=True, kw_only=True)
class Peer:
    """title: its row in the table. module: where `enqueue` is. packages: whose versions are printed.

    keeps: where a job is between the commit and its end. lost: what may become of it. Both are for the table.
    workers: the commands that start its workers, TOGETHER jobs at once in all, each in a process of its own.
    """

    title: str
    module: str
    packages: tuple[str, ...]
    keeps: str
    lost: str
    workers: tuple[tuple[str, ...], ...]
    measures: tuple[str, ...] = ALL
    apps: tuple[str, ...] = ()
    settings: Callable[[str], dict[str, object]] = lambda _broker: {}
    is_ours: bool = False
    is_quick: bool = False


def celery_worker(module):
    return (sys.executable, "-m", "celery", "-A", module, "worker", "-c", str(TOGETHER))


def celery_settings(broker):
    return {"CELERY_BROKER_URL": broker, "CELERY_TASK_IGNORE_RESULT": True}


def celery_results(_broker):
    return {"CELERY_RESULT_BACKEND": "django-db", "CELERY_RESULT_EXTENDED": True}


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
