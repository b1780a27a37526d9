"""Celery with its messages in a table, which a relay empties. The connection is kept, which favours it."""

from django_celery_outbox import OutboxCelery

from tests.bench import work

app = OutboxCelery("bench")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.CELERY_DB_REUSE_MAX = 1_000_000_000


@app.task
def touch(pk):
    work.touch(pk)


def enqueue(pk):
    touch.delay(pk)
