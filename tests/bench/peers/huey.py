"""Huey, sent on commit."""

from huey.contrib.djhuey import on_commit_task

from tests.bench import work


@on_commit_task()
def touch(pk):
    work.touch(pk)


def enqueue(pk):
    touch(pk)
