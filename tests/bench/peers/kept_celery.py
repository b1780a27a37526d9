"""Celery that keeps Django's connection between tasks; by default it closes it around each, whatever Django says."""

from tests.bench.peers.plain_celery import app, enqueue, enqueue_recount

app.conf.CELERY_DB_REUSE_MAX = 1_000_000_000

__all__ = ["app", "enqueue", "enqueue_recount"]
