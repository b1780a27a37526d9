"""Processes die at every step of the life of a job; each job is done all the same, and says what happened to it."""

import pytest

from project.jobs.models import Attempt, Job, Outcome, State
from tests.crashes.armed import CODE
from tests.crashes.points import POINTS, WHOLE

pytestmark = pytest.mark.flow

COMMITTED = [point for point in POINTS if point.tries]


@pytest.mark.parametrize("point", POINTS, ids=str)
def test_a_process_died_there(aftermath, point):
    assert aftermath.died_at(point), f"Nobody came to this point.\n{aftermath.report()}"


def test_whole_processes_died_of_their_points_and_of_nothing_else(aftermath):
    assert set(aftermath.exits.values()) == {CODE}, aftermath.exits
    assert len(aftermath.exits) == sum(point.victim == WHOLE for point in POINTS)


@pytest.mark.parametrize("point", COMMITTED, ids=str)
def test_its_job_succeeded_and_its_tries_are_counted(aftermath, point):
    job = aftermath.rows(Job).get(id=aftermath.died_at(point))
    tries = list(aftermath.rows(Attempt, job=job).order_by("number").values_list("outcome", flat=True))
    tries += [Outcome.SUCCEEDED] if job.state == State.SUCCEEDED else []  # that one has no row
    assert (job.state, tries) == (State.SUCCEEDED, point.tries), job.error
    assert (job.deaths, job.attempts) == (tries.count(Outcome.DIED), len(tries) - job.deaths)


def test_every_other_job_succeeded_at_its_first_try(aftermath):
    """But for what the worker that died whole was running when it did."""
    hit = {aftermath.died_at(point) for point in POINTS}
    hit |= {str(death.job_id) for death in aftermath.rows(Attempt, worker__startswith="taker@", outcome=Outcome.DIED)}
    others = [job for job in aftermath.rows(Job).exclude(state=State.FOLDED) if str(job.id) not in hit]
    assert len(others) > len(hit)
    assert {(job.state, job.deaths, job.attempts) for job in others} == {(State.SUCCEEDED, 0, 1)}, aftermath.report()
