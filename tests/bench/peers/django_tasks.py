"""Django's tasks with the backend that keeps them in the database."""

from django_tasks import task

from tests.bench import work


@task()
def touch(pk):
    work.touch(pk)


def enqueue(pk):
    touch.enqueue(pk)
