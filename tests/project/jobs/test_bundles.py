from datetime import timedelta
from uuid import uuid4

import pytest
from celery.exceptions import Ignore
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from project.audit.models import AuditEntry
from project.jobs import EnqueueError, TaskDefinitionError, enqueue, pauses, recovery, settling, task
from project.jobs.models import Attempt, Job
from project.jobs.policies import MAIL
from project.jobs.publisher import Message, send
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
    if how == "lost":
        Job.objects.filter(kwargs__target=target).update(claims=2)


def ask(number=1, **kwargs):
    with transaction.atomic():
        ids = [enqueue(write, target=f"t{each}", **kwargs) for each in range(number)]
    made = Job.objects.filter(id__in=ids).order_by("id")
    until(lambda: not made.filter(published_at=None).exists(), "they are published")
    return list(made)


def states():
    return list(Job.objects.order_by("id").values_list("state", flat=True))


def targets():
    return sorted(AuditEntry.objects.values_list("target", flat=True))


def test_one_message_runs_as_many_jobs_as_are_in_a_bundle(broker_client, producer, run):
    jobs = ask(7)
    broker_client.flushall()
    send(producer, [Message(str(job.id), job.task, job.queue) for job in jobs])
    assert broker_client.llen("housekeeping") == 7, "messages: what a bundle leaves is never without one"
    run(jobs[0])
    assert states() == ["succeeded"] * 5 + ["waiting"] * 2
    run(jobs[5])
    assert targets() == [f"t{number}" for number in range(7)]
    assert Attempt.objects.filter(outcome="succeeded").count() == 7
    assert list(Job.objects.order_by("id").values_list("leader", flat=True)) == [
        None,
        *[jobs[0].id] * 4,
        None,
        jobs[5].id,
    ]


def test_whichever_message_comes_runs_what_waits_and_the_last_one_finds_nothing(run):
    jobs = ask(6)
    run(jobs[0])
    run(jobs[0])
    with pytest.raises(Ignore):
        run(jobs[0])
    assert states() == ["succeeded"] * 6


def test_one_that_fails_touches_no_other_and_runs_alone_from_then_on(run):
    good, bad = ask(2), ask(1, how="fails")
    run(good[0])
    assert states() == ["succeeded", "succeeded", "waiting"]
    assert targets() == ["t0", "t1"]
    job = Job.objects.get(id=bad[0].id)
    assert (job.attempts, job.error) == (1, "ValueError: t0")
    Job.objects.filter(state="waiting").update(run_at=NOW(), kwargs={"target": "mended"})
    ask(1)
    run(job)
    assert states() == ["succeeded"] * 3 + ["waiting"]


def test_one_that_took_a_worker_along_is_in_nobodys_bundle(run, producer, broker_client):
    poison = ask(1)[0]
    Job.objects.update(deaths=1, run_at=NOW() - timedelta(minutes=1), published_at=None)
    good = ask(2)
    Job.objects.filter(deaths=0).update(run_at=NOW() - timedelta(seconds=59), published_at=None)
    broker_client.flushall()
    assert recovery.publish_due(producer) == 3
    run(good[0])
    assert states() == ["waiting", "succeeded", "succeeded"]
    run(poison)
    assert states() == ["succeeded"] * 3


def test_of_a_bundle_whose_connection_dies_the_one_that_ran_has_failed_and_the_others_are_given_back(run):
    good = ask(2)
    ask(1, how="cut")
    run(good[0])
    assert states() == ["waiting"] * 3
    assert targets() == []
    assert list(Job.objects.order_by("id").values_list("attempts", flat=True)) == [0, 0, 1]
    Job.objects.filter(attempts=0).update(published_at=NOW())
    run(good[0])
    assert targets() == ["t0", "t1"]


def test_a_bundle_that_cannot_be_committed_has_failed_as_a_whole_and_each_runs_alone(run):
    good = ask(2)
    ask(1, how="spoils the commit")
    run(good[0])
    assert states() == ["waiting"] * 3
    assert targets() == []
    assert set(Job.objects.values_list("attempts", flat=True)) == {1}
    Job.objects.update(run_at=NOW())
    for job in good:
        run(job)
    assert targets() == ["t0", "t1"]


def test_it_takes_none_from_behind_others_that_were_published_before(run):
    jobs = ask(3)
    then = NOW() - timedelta(minutes=1)
    Job.objects.bulk_create(Job(task="test_bundles.other", queue="housekeeping", published_at=then) for _ in range(4))
    Job.objects.filter(id=jobs[0].id).update(published_at=then - timedelta(minutes=1))
    run(jobs[2])
    assert states()[:3] == ["succeeded", "waiting", "succeeded"], "its own, and the one before the others"


def test_where_one_was_taken_over_none_has_its_effect(run):
    good = ask(1)
    ask(1, how="lost")
    with pytest.raises(Ignore):
        run(good[0])
    assert targets() == []
    assert states() == ["running", "running"], "for the worker's keeper, which sees that nobody works on them"
    Job.objects.update(started_at=NOW() - timedelta(seconds=6))
    assert recovery.take_back_from_myself("test@here", {str(good[0].id)}, {Job.objects.first().pid}) == 0
    assert recovery.take_back_from_myself("test@here", (), {Job.objects.first().pid}) == 2


def test_one_may_settle_itself(run):
    jobs = ask(1, how="settles itself")
    ask(1)
    run(jobs[0])
    assert states() == ["succeeded"] * 2
    assert Attempt.objects.count() == 2


def test_while_its_task_is_paused_none_runs_and_all_are_published_afterwards(run, producer):
    jobs = ask(3)
    pauses.pause("task", "test_bundles.write", actor="ada", reason="a look")
    with pytest.raises(Ignore):
        run(jobs[0])
    assert set(Job.objects.values_list("published_at", flat=True)) == {None}
    pauses.resume("task", "test_bundles.write", actor="ada", reason="seen")
    Job.objects.update(run_at=NOW() - timedelta(minutes=1))
    assert recovery.publish_due(producer) == 3


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
