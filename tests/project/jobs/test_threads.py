import threading

import pytest
from celery import concurrency
from celery.worker import state

from project.jobs import threads
from tests.support import until


class Request:
    id = "a job's"
    name = "email.welcome"


@pytest.fixture
def pool():
    threads.install()
    made = concurrency.get_implementation("threads")(limit=1)
    made.start()
    return made


@pytest.fixture
def running(pool):
    """A job that runs until it is let go. Returns what lets it go."""
    request, may_end = Request(), threading.Event()

    def job():
        may_end.wait()
        state.task_ready(request)

    pool.apply_async(job, accept_callback=lambda *_: state.task_accepted(request))
    until(lambda: state.active_requests, "the job runs")
    yield may_end.set
    may_end.set()
    until(lambda: not state.active_requests, "the job has ended")


def test_an_end_waits_for_what_runs(pool, running):
    end = threading.Thread(target=pool.stop)
    end.start()
    end.join(0.3)
    assert end.is_alive()
    running()
    end.join(5)
    assert not end.is_alive()


def test_a_cold_end_waits_for_nothing(pool, running, monkeypatch):
    monkeypatch.setattr(state, "should_terminate", True)
    pool.stop()
    assert state.active_requests


def test_a_job_in_a_thread_is_let_be_where_it_is_cancelled(pool, running):
    pool.terminate_job(1, 15)
    assert state.active_requests
