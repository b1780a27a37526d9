"""Celery as its manual has it for Django."""

from celery import Celery

from tests.bench import work

app = Celery("bench")
app.config_from_object("django.conf:settings", namespace="CELERY")


@app.task
def touch(pk):
    work.touch(pk)


def enqueue(pk):
    touch.delay_on_commit(pk)
