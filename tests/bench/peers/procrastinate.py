"""procrastinate, deferred inside the transaction."""

from procrastinate.contrib.django import app

from tests.bench import work


@app.task
def touch(pk):
    work.touch(pk)


def enqueue(pk):
    touch.defer(pk=pk)


def enqueue_all(pks):
    touch.batch_defer(*({"pk": pk} for pk in pks))
