import os
import signal
import threading

import pytest
from celery.contrib.testing.worker import start_worker

from project.celery import app
from project.jobs import keeping
from project.jobs.hands import Hands
from project.jobs.keeper import Keeper
from project.jobs.models import Worker
from tests.support import until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def keeper():
    return Keeper("w@here", [], Hands(None), lambda: None)


def test_a_worker_that_starts_gets_a_keeper_and_one_that_ends_loses_it():
    with start_worker(app, perform_ping_check=False, queues=["email"], pool="solo", loglevel="ERROR") as worker:
        handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGQUIT, signal.SIGINT)}
        keeping.begin(sender=worker.consumer)
        for number, handler in handlers.items():
            signal.signal(number, handler)
        until(lambda: Worker.objects.filter(queues=["email"]).exists(), "a heartbeat")
        keeping.prepare()
        assert all(each.leaving for each in keeping._keepers)
        keeping.leave()
    assert not Worker.objects.exists()


def test_a_signal_that_ends_the_worker_prepares_it_and_does_what_it_did(keeper):
    heard = []
    before = signal.signal(signal.SIGUSR2, lambda *_: heard.append(keeper.leaving))
    keeping._keepers.append(keeper)
    keeping.prepare_on(signal.SIGUSR2)
    try:
        os.kill(os.getpid(), signal.SIGUSR2)
        until(lambda: heard, "the signal heard")
    finally:
        keeping._keepers.remove(keeper)
        signal.signal(signal.SIGUSR2, before)
    assert heard == [True]


def test_a_signal_that_did_nothing_only_prepares(keeper):
    before = signal.signal(signal.SIGUSR2, signal.SIG_DFL)
    keeping._keepers.append(keeper)
    keeping.prepare_on(signal.SIGUSR2)
    try:
        os.kill(os.getpid(), signal.SIGUSR2)
        until(lambda: keeper.leaving, "the keeper prepared")
    finally:
        keeping._keepers.remove(keeper)
        signal.signal(signal.SIGUSR2, before)


def test_a_worker_in_a_thread_has_no_signals_to_hear():
    with start_worker(app, perform_ping_check=False, queues=["email"], pool="solo", loglevel="ERROR") as worker:
        begin = threading.Thread(target=keeping.begin, kwargs={"sender": worker.consumer})
        begin.start()
        begin.join()
        keeping.leave()
    assert not keeping._keepers
