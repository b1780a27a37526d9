"""Dramatiq, sent on commit."""

import dramatiq
from django.db import transaction

from tests.bench import work


@dramatiq.actor
def touch(pk):
    work.touch(pk)


def enqueue(pk):
    transaction.on_commit(lambda: touch.send(pk))
