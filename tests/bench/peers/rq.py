"""RQ through django-rq, which by default enqueues on commit."""

import django_rq

from tests.bench import work


@django_rq.job("default")
def touch(pk):
    work.touch(pk)


def enqueue(pk):
    touch.delay(pk)
