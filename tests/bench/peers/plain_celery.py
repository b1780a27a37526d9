"""Celery as its manual has it for Django."""

from celery import Celery

from tests.bench import work

app = Celery("bench")
app.config_from_object("django.conf:settings", namespace="CELERY")


@app.task
def touch(pk):
    work.touch(pk)


@app.task
def recount(category):
    work.recount(category)


def enqueue(pk):
    touch.delay_on_commit(pk)


def enqueue_to(queue, pk):
    touch.apply_async_on_commit((pk,), queue=queue)


def enqueue_recount(category):
    recount.delay_on_commit(category)
