"""RQ through django-rq, which by default enqueues on commit."""

import django_rq
from django.db import transaction
from rq import Queue

from tests.bench import work


@django_rq.job("default")
def touch(pk):
    work.touch(pk)


def enqueue(pk):
    touch.delay(pk)


def enqueue_all(pks):
    """Enqueue many on commit: django-rq leaves RQ's own call for that as it is."""
    asks = [Queue.prepare_data(touch, args=(pk,)) for pk in pks]
    transaction.on_commit(lambda: django_rq.get_queue("default").enqueue_many(asks))
