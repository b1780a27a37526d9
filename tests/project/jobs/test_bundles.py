import json
from datetime import timedelta
from uuid import uuid4

import pytest
from celery.exceptions import Ignore
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from project.audit.models import AuditEntry
from project.jobs import EnqueueError, TaskDefinitionError, enqueue, pauses, recovery, settling, task
from project.jobs.execution import execute
from project.jobs.messages import Message, message_of, send
from project.jobs.models import Job
from project.jobs.policies import MAIL
from tests.support import until

pytestmark = pytest.mark.django_db(transaction=True)
NOW = timezone.now


@task(queue="housekeeping", bundle=5)
def write(*, target: str, how: str = "") -> None:
    """Write a row, or fail in one of several ways after that."""
    AuditEntry.objects.create(id=uuid4(), at=NOW(), actor="", action="created", target=target)
    if how == "fails":
        raise ValueError(target)
    if how == "cut":
        connection.close()
        raise DatabaseError("server closed the connection unexpectedly")
    if how == "spoils the commit":
        Job.objects.filter(kwargs__target="t0").update(state="running", lease_until=NOW(), parent="0" * 32)
    if how == "settles itself":
        with settling():
            pass
    if how == "asks":
        enqueue(note)
    if how == "lost":
        Job.objects.filter(kwargs__target=target).update(claims=2)


@task(queue="housekeeping")
def note() -> None:
    """Do nothing."""


def ask(number=1, **kwargs):
    with transaction.atomic():
        ids = [enqueue(write, target=f"t{each}", **kwargs) for each in range(number)]
    made = Job.objects.filter(id__in=ids).order_by("id")
    until(lambda: not made.filter(published_at=None).exists(), "they are published")
    return list(made)


def run(*jobs):
    """Runs jobs as the message of a bundle would have it."""
    ids = [str(job.id) for job in jobs]
    return execute(write, job_id=ids[0], bundle=ids, worker="test@here")


def states():
    return list(Job.objects.order_by("id").values_list("state", flat=True))


def targets():
    return sorted(AuditEntry.objects.values_list("target", flat=True))


def headers(broker_client):
    return [json.loads(each)["headers"] for each in reversed(broker_client.lrange("housekeeping", 0, -1))]


def test_one_message_names_as_many_jobs_as_are_in_a_bundle(broker_client, producer):
    jobs = ask(7)
    broker_client.flushall()
    send(producer, [message_of(job) for job in jobs])
    ids = [str(job.id) for job in jobs]
    assert [each["jobs"] for each in headers(broker_client)] == [ids[:5], ids[5:]]
    assert [each["id"] for each in headers(broker_client)] == [ids[0], ids[5]]


def test_they_run_one_after_another_and_each_is_settled():
    jobs = ask(3)
    run(*jobs)
    assert states() == ["succeeded"] * 3
    assert targets() == ["t0", "t1", "t2"]
    assert list(Job.objects.order_by("id").values_list("leader", flat=True)) == [None, jobs[0].id, jobs[0].id]


def test_a_message_that_comes_twice_finds_nothing():
    jobs = ask(2)
    run(*jobs)
    with pytest.raises(Ignore):
        run(*jobs)
    assert targets() == ["t0", "t1"]


def test_of_those_that_a_message_names_only_those_that_wait_are_run():
    jobs = ask(3)
    run(jobs[1])
    run(*jobs)
    assert targets() == ["t0", "t1", "t2"]


def test_one_that_fails_touches_no_other_and_runs_alone_from_then_on(producer, broker_client):
    good, bad = ask(2), ask(1, how="fails")
    run(*good, *bad)
    assert states() == ["succeeded", "succeeded", "waiting"]
    assert targets() == ["t0", "t1"]
    job = Job.objects.get(id=bad[0].id)
    assert (job.attempts, job.error) == (1, "ValueError: t0")
    others = ask(2)
    Job.objects.filter(state="waiting").update(run_at=NOW() - timedelta(minutes=1), published_at=None)
    broker_client.flushall()
    assert recovery.publish_due(producer) == 3
    assert sorted(len(each.get("jobs", ["alone"])) for each in headers(broker_client)) == [1, 2]
    assert {each["id"] for each in headers(broker_client)} == {str(job.id), str(others[0].id)}


def test_one_that_took_a_worker_along_is_in_nobodys_bundle(producer, broker_client):
    ask(3)
    first = Job.objects.order_by("id").first()
    Job.objects.filter(id=first.id).update(deaths=1)
    Job.objects.update(run_at=NOW() - timedelta(minutes=1), published_at=None)
    broker_client.flushall()
    assert recovery.publish_due(producer) == 3
    assert [len(each.get("jobs", ["alone"])) for each in headers(broker_client)] == [1, 2]


def test_of_a_bundle_whose_connection_dies_the_one_that_ran_has_failed_and_the_others_are_given_back():
    good = ask(2)
    bad = ask(1, how="cut")
    run(*good, *bad)
    assert states() == ["waiting"] * 3
    assert targets() == []
    assert list(Job.objects.order_by("id").values_list("attempts", flat=True)) == [0, 0, 1]
    Job.objects.filter(attempts=0).update(published_at=NOW())
    run(*good)
    assert targets() == ["t0", "t1"]


def test_a_bundle_that_cannot_be_committed_has_failed_as_a_whole():
    good = ask(2)
    bad = ask(1, how="spoils the commit")
    run(*good, *bad)
    assert states() == ["waiting"] * 3
    assert targets() == []
    assert set(Job.objects.values_list("attempts", flat=True)) == {1}
    Job.objects.update(run_at=NOW())
    for job in good:
        run(job)
    assert targets() == ["t0", "t1"]


def test_where_one_was_taken_over_none_has_its_effect():
    good = ask(1)
    lost = ask(1, how="lost")
    with pytest.raises(Ignore):
        run(*good, *lost)
    assert targets() == []
    assert states() == ["running", "running"], "for the worker's keeper, which sees that nobody works on them"
    Job.objects.update(started_at=NOW() - timedelta(seconds=6))
    assert recovery.take_back_from_myself("test@here", {str(good[0].id)}, {Job.objects.first().pid}) == 0
    assert recovery.take_back_from_myself("test@here", (), {Job.objects.first().pid}) == 2


def test_where_one_fails_and_one_was_taken_over_none_has_its_effect_either():
    failing, lost = ask(1, how="fails"), ask(1, how="lost")
    with pytest.raises(Ignore):
        run(*failing, *lost)
    assert targets() == []
    assert states() == ["running", "running"]


def test_one_may_settle_itself():
    jobs = ask(1, how="settles itself")
    run(*jobs, *ask(1))
    assert states() == ["succeeded"] * 2


def test_what_they_ask_for_is_asked_for_once(work):
    asking, failing = ask(1, how="asks"), ask(1, how="fails")
    run(*asking, *failing)
    assert Job.objects.filter(task="test_bundles.note").count() == 1


def test_while_its_task_is_paused_none_runs_and_all_are_published_afterwards(producer):
    jobs = ask(3)
    pauses.pause("task", "test_bundles.write", actor="ada", reason="a look")
    with pytest.raises(Ignore):
        run(*jobs)
    assert set(Job.objects.values_list("published_at", flat=True)) == {None}
    pauses.resume("task", "test_bundles.write", actor="ada", reason="seen")
    Job.objects.update(run_at=NOW() - timedelta(minutes=1))
    assert recovery.publish_due(producer) == 3


@pytest.mark.parametrize(
    "named", ["all", {"a": 1}, [None], [7], ["nonsense"], ["0198c0de-0000-7000-8000-000000000000"] * 1001]
)
def test_a_message_that_names_nonsense_is_dropped(named):
    (job,) = ask(1)
    with pytest.raises(Ignore):
        execute(write, job_id=str(job.id), bundle=named, worker="test@here")
    assert states() == ["waiting"]


def test_a_task_that_bundles_no_more_runs_the_messages_own_job(ask_of_note):
    execute(note, job_id=ask_of_note[0], bundle=ask_of_note, worker="test@here")
    assert states() == ["succeeded", "waiting"]


@pytest.fixture
def ask_of_note():
    with transaction.atomic():
        return [str(enqueue(note)) for _ in range(2)]


def test_messages_of_a_task_that_is_not_known_are_sent_one_by_one(producer, broker_client):
    send(producer, [Message(str(uuid4()), "old.task", "housekeeping") for _ in range(3)])
    assert broker_client.llen("housekeeping") == 3


@pytest.mark.parametrize("options", [{"slow": True}, {"keep_result": True}, {"policy": MAIL}, {"bundle": 0}])
def test_what_cannot_be_bundled_is_refused(options):
    with pytest.raises(TaskDefinitionError, match="bundle"):

        @task(**({"queue": "email", "bundle": 2} | options))
        def never():
            """Nothing."""


def test_a_bundle_has_no_key():
    with transaction.atomic(), pytest.raises(EnqueueError, match="one or the other"):
        enqueue(write, key="k", target="t")
