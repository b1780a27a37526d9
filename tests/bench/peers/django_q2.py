"""django-q2 with its broker in the database."""

from django_q.tasks import async_task


def enqueue(pk):
    async_task("tests.bench.work.touch", pk)
