from datetime import timedelta

import pytest
from celery.exceptions import Ignore
from django.utils import timezone

from project.jobs import circuits, enqueue, task
from project.jobs.models import Circuit, Job
from project.jobs.policies import Policy

server = {"up": False}


@task(queue="email", slow=True, policy=Policy(attempts=8, circuit="server"))
def call(*, wrong: bool = False) -> None:
    """Call a server that may be away."""
    if not server["up"]:
        raise ConnectionRefusedError("nobody there")
    if wrong:
        raise ValueError("no such user")


@pytest.fixture(autouse=True)
def away():
    server["up"] = False


@pytest.fixture
def ask(db):
    return lambda **kwargs: Job.objects.get(id=enqueue(call, **kwargs))


@pytest.fixture
def opened(ask, run):
    """Opens the circuit; returns the job whose failure opened it."""
    for _ in range(circuits.FAILURES):
        job = ask()
        with pytest.raises(ConnectionRefusedError):
            run(job)
    job.refresh_from_db()
    return job


def probe_time():
    Circuit.objects.update(probe_at=timezone.now() - timedelta(seconds=1))


def test_the_first_failures_are_retried_like_any_others(ask, run):
    job = ask()
    with pytest.raises(ConnectionRefusedError):
        run(job)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.parked) == ("waiting", 1, "")
    assert job.run_at > timezone.now() - timedelta(seconds=1)


def test_after_some_in_a_row_jobs_are_parked_and_no_attempt_is_counted(opened):
    assert (opened.state, opened.attempts, opened.parked) == ("waiting", 0, "server")
    assert str(Circuit.objects.get()) == "server: open"


def test_while_it_is_open_no_job_is_tried(opened, ask, run):
    job = ask()
    with pytest.raises(Ignore):
        run(job)
    job.refresh_from_db()
    assert (job.attempts, job.claims, job.parked) == (0, 0, "server")


def test_one_probe_at_a_time_goes_out(opened, ask, run):
    probe_time()
    assert circuits.release_probes() == 1
    first, second = Job.objects.get(id=opened.id), ask()
    with pytest.raises(ConnectionRefusedError):
        run(first)
    with pytest.raises(Ignore):
        run(second)
    first.refresh_from_db()
    assert (first.attempts, first.parked) == (0, "server")


def test_a_probe_that_succeeds_lets_the_rest_go_on(opened, ask, run):
    other = ask()
    with pytest.raises(Ignore):
        run(other)
    server["up"] = True
    probe_time()
    circuits.release_probes()
    run(opened)
    other.refresh_from_db()
    assert (other.parked, Circuit.objects.count()) == ("", 0)


def test_a_server_that_answers_is_there_even_if_it_says_no(opened, ask, run):
    server["up"] = True
    probe_time()
    job = ask(wrong=True)
    with pytest.raises(ValueError, match="no such user"):
        run(job)
    assert not Circuit.objects.exists()
    job.refresh_from_db()
    assert job.attempts == 1


def test_a_success_in_between_starts_the_count_anew(ask, run):
    for _ in range(circuits.FAILURES - 1):
        with pytest.raises(ConnectionRefusedError):
            run(ask())
    server["up"] = True
    run(ask())
    server["up"] = False
    with pytest.raises(ConnectionRefusedError):
        run(ask())
    assert str(Circuit.objects.get()) == "server: closed"


def test_what_was_parked_as_its_circuit_closed_goes_on(ask):
    job = ask()
    circuits.park(str(job.id), "server")
    assert circuits.release_probes() == 1
    job.refresh_from_db()
    assert job.parked == ""


def test_before_its_time_no_probe_goes_out(opened):
    assert circuits.release_probes() == 0
