from collections.abc import Sequence
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from project.jobs import arguments, enqueue, folding, recovery, task
from project.jobs.claiming import claim
from project.jobs.errors import NotClaimed
from project.jobs.messages import collect, connect
from project.jobs.models import Job
from project.jobs.registry import registered

pytestmark = pytest.mark.django_db(transaction=True)
runs = []


@task(queue="statistics", unites=True)
def visit(*, ids: Sequence[int] = (), days: Sequence[str] = ()) -> None:
    """Keep what it was told."""
    runs.append((sorted(ids), sorted(days)))


@pytest.fixture(autouse=True)
def no_runs():
    runs.clear()


@pytest.fixture
def recover(broker):
    producer = connect()
    yield lambda: recovery.publish_due(producer)
    collect(producer)


@pytest.fixture
def small(monkeypatch):
    """Jobs may have few subjects."""
    for module in ("project.jobs.uniting", "project.jobs.gathering"):
        monkeypatch.setattr(f"{module}.LARGEST", 60)


def ask(**kwargs):
    with transaction.atomic():
        return Job.objects.get(id=enqueue(visit, key="all", **kwargs))


def ask_together(*asks):
    with transaction.atomic():
        for each in asks:
            enqueue(visit, key="all", **each)
    return kwargs()


def kwargs(**which):
    return list(Job.objects.filter(**which).order_by("id").values_list("kwargs", flat=True))


def states():
    return list(Job.objects.order_by("id").values_list("state", "asks"))


def make_due():
    Job.objects.update(run_at=timezone.now() - timedelta(minutes=1), published_at=None)


class TestInOneTransaction:
    def test_each_subject_is_told_once(self):
        assert ask_together({"ids": [1, 2]}, {"days": ["2026-01-01"]}, {"ids": [2, 3]}, {"ids": []}) == [
            {"ids": [1, 2, 3], "days": ["2026-01-01"]}
        ]
        assert states() == [("waiting", 4)]

    def test_what_was_asked_in_a_savepoint_that_is_rolled_back_is_told_nobody(self):
        with transaction.atomic():
            enqueue(visit, key="all", ids=[1])
            point = transaction.savepoint()
            enqueue(visit, key="all", ids=[2])
            transaction.savepoint_rollback(point)
            enqueue(visit, key="all", ids=[3])
        assert kwargs() == [{"ids": [1, 3]}]

    def test_what_does_not_fit_is_a_job_of_its_own(self, small, work):
        found = ask_together(*({"ids": [number]} for number in range(20)))
        assert 1 < len(found) < 20
        assert sum(asks for _, asks in states()) == 20
        assert sorted(pk for each in found for pk in each["ids"]) == list(range(20))
        work()
        assert sorted(pk for ids, _ in runs for pk in ids) == list(range(20))

    def test_nor_is_it_told_anew_after_a_savepoint_is_rolled_back(self, small):
        with transaction.atomic():
            for number in range(9):
                enqueue(visit, key="all", ids=[number])
            point = transaction.savepoint()
            enqueue(visit, key="all", ids=[100])
            transaction.savepoint_rollback(point)
            enqueue(visit, key="all", ids=[9])
        assert sorted(pk for each in kwargs() for pk in each["ids"]) == list(range(10))
        assert sum(asks for _, asks in states()) == 10


class TestTheLedger:
    def test_a_run_gets_the_subjects_of_all_it_stands_for(self, run):
        jobs = [ask(ids=[1]), ask(days=["2026-01-01"]), ask(ids=[2, 1])]
        run(jobs[1])
        assert runs == [([1, 2], ["2026-01-01"])]
        assert states() == [("folded", 1), ("succeeded", 3), ("folded", 1)]

    def test_what_is_due_is_united_before_it_is_published(self, recover, run):
        for number in range(10):
            ask(ids=[number])
        make_due()
        assert recover() == 1
        assert kwargs(state="waiting") == [{"ids": list(range(10))}]
        run(Job.objects.get(state="waiting"))
        assert runs == [(list(range(10)), [])]

    def test_more_than_fits_is_published_as_several_and_each_is_run(self, small, recover, work):
        for number in range(30):
            ask(ids=[number])
        make_due()
        assert 1 < recover() < 15
        assert sum(Job.objects.filter(state="waiting").values_list("asks", flat=True)) == 30
        work()
        assert sorted(pk for ids, _ in runs for pk in ids) == list(range(30))
        assert {len(str(each)) <= arguments.LARGEST for each in kwargs()} == {True}

    def test_more_than_fits_into_a_run_runs_afterwards(self, small, run):
        jobs = [ask(ids=list(range(number, number + 5))) for number in range(0, 15, 5)]
        run(jobs[0])
        assert runs == [(list(range(10)), [])]
        assert states() == [("succeeded", 2), ("folded", 1), ("waiting", 1)]

    def test_a_try_that_died_leaves_all_subjects_to_the_next(self, run):
        jobs = [ask(ids=[number]) for number in range(3)]
        (held,) = claim(visit, [str(jobs[0].id)], "dead@there")
        assert held.kwargs == {"ids": [0, 1, 2]}
        recovery.take_back(Job.objects.filter(id=held.id), "its worker died")
        later = ask(ids=[3])
        run(later)
        assert runs == [([0, 1, 2, 3], [])]

    def test_who_lost_its_lease_takes_no_subjects(self):
        leader, other = ask(ids=[1]), ask(ids=[2])
        leader.state, leader.claims = "running", 7
        with pytest.raises(NotClaimed, match="took it over"):
            folding.fold_into(leader)
        assert kwargs() == [{"ids": [1]}, {"ids": [2]}]
        assert Job.objects.get(id=other.id).state == "waiting"

    @pytest.mark.parametrize("odd", [{"ids": 7}, {"ids": [[7]]}, {"gone": [7]}, [7]])
    def test_what_is_no_list_that_the_task_takes_is_left_to_itself(self, odd, run):
        jobs = [ask(ids=[number]) for number in range(3)]
        Job.objects.filter(id=jobs[1].id).update(kwargs=odd)
        run(jobs[0])
        assert runs == [([0, 2], [])]
        assert kwargs(state="waiting") == [odd]

    def test_nor_does_it_take_others_along(self, recover):
        jobs = [ask(ids=[number]) for number in range(3)]
        Job.objects.filter(id=jobs[0].id).update(kwargs={"gone": [1]})
        make_due()
        assert recover() == 2
        assert kwargs(state="waiting") == [{"gone": [1]}, {"ids": [1, 2]}]

    def test_jobs_of_a_task_that_this_release_does_not_have_keep_their_subjects(self, recover, monkeypatch):
        for number in range(3):
            ask(ids=[number])
        make_due()
        monkeypatch.delitem(registered, visit.name)
        assert recover() == 3
        assert states() == [("waiting", 1)] * 3


def test_what_settles_is_published_when_it_is_due_and_not_seconds_later(recover):
    with transaction.atomic():
        enqueue(visit, key="all", settle=60, ids=[1])
    assert recover() == 0
    Job.objects.update(run_at=timezone.now(), run_by=timezone.now())
    assert recover() == 1
