"""Whatever is done to the ledger in whatever order, its promises hold. STATE_MACHINE_EXAMPLES=5000 looks for longer."""

import logging
import os
import threading
from collections import Counter

import pytest
import redis
from django.db import transaction
from django.db.models.functions import Now
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from kombu import Producer

from project.audit.models import AuditEntry
from project.celery import app
from project.jobs import circuits, control, enqueue, execution, pauses, recovery
from project.jobs.models import Attempt, Job, Pause, Worker
from project.jobs.publisher import publisher
from tests.project.jobs.ledger_world import (
    ERRORS,
    QUEUES,
    TASKS,
    TRIES,
    WORKERS,
    Broker,
    disturbed,
    emptied,
    ending,
    pass_time,
)

EXAMPLES = int(os.environ.get("STATE_MACHINE_EXAMPLES", "0"))
WHO = {"actor": "ada", "reason": "test"}
SETTLED = {"succeeded", "failed", "cancelled"}
name = st.sampled_from(sorted(TASKS))
place = st.integers(0, 3)
PAUSABLE = [*(("queue", name) for name in QUEUES), *(("task", name) for name in list(TASKS)[:2])]
NONE = (None, 0, "")
worker = st.sampled_from(WORKERS)
error = st.sampled_from([*ERRORS, "nothing", "nothing"])
seconds = st.sampled_from([1.25, 5.5, 15.75, 60.5, 700])
EVENTS = [
    "everything_recovers",
    "next_is_delivered",
    "others_take_over",
    "others_claim",
    "all_replayed",
    "all_cancelled",
    "broker_forgets",
]
trouble = st.one_of(
    st.just(NONE),
    st.just(NONE),
    st.just(NONE),
    st.tuples(st.sampled_from(["death", "error"]), st.integers(0, 14), st.just("")),
    st.tuples(st.just("others"), st.integers(0, 6), st.sampled_from(EVENTS)),
)


class Ledger(RuleBasedStateMachine):
    client = producer = None

    def __init__(self):
        super().__init__()
        emptied()
        self.client.flushall()
        self.forget_memory()
        self.broker = Broker(self.client)
        self.hands = []  # claimed jobs and their workers; who froze comes back, however late
        self.committed = []
        self.replays, self.before = {}, {}

    def forget_memory(self):
        publisher.begin()
        publisher._producer = self.producer
        publisher._thread = threading.main_thread()  # so that none is started: the rule is the thread

    def disturbed(self, trouble):
        kind, at, event = trouble
        return disturbed(kind, at, getattr(self, event, None))

    # Asking and publishing ----------------------------------------------------------------------------------------

    @initialize(names=st.lists(name, min_size=1, max_size=3), published=st.booleans())
    def some_wait(self, names, published):
        for each in names:
            self.asks(each, "commit")
        if published:
            self.publishes(len(names), (None, 0, ""))

    @rule(name=name, fate=st.sampled_from(["commit", "commit", "commit", "rollback", "savepoint"]))
    def asks(self, name, fate):
        with transaction.atomic():
            with transaction.atomic():
                job_id = enqueue(TASKS[name])
                transaction.set_rollback(fate == "savepoint")
            transaction.set_rollback(fate == "rollback")
        if fate == "commit":
            self.committed.append(job_id)

    @rule(most=st.integers(1, 3), trouble=trouble)
    def publishes(self, most, trouble):
        batch = [publisher._messages.get_nowait() for _ in range(min(most, publisher._messages.qsize()))]
        with ending(), self.disturbed(trouble):
            publisher._done(batch)

    # Workers ------------------------------------------------------------------------------------------------------

    @rule(place=place, worker=worker, error=error, trouble=trouble)
    def delivers(self, place, worker, error, trouble):
        if message := self.taken(place):
            with ending(error), self.disturbed(trouble):
                execution.execute(message[1], job_id=message[0], worker=worker)

    @rule(place=place, times=st.integers(1, 3), error=st.sampled_from(["death", "death", "retriable", "unreachable"]))
    def keeps_failing(self, place, times, error):
        for _ in range(times):
            self.delivers(place, WORKERS[0], error, NONE)
            self.recovers(100, (), NONE)

    @rule(place=place, error=error)
    def freezes(self, place, error):
        self.claims(place, WORKERS[0])
        self.others_claim()
        self.runs(0, error, NONE)

    delivers_more = delivers_most = delivers  # what leads furthest is done most

    def taken(self, place):
        if not self.broker.waiting():
            if not Job.objects.filter(state="waiting").exists():
                self.asks(sorted(TASKS)[place], "commit")
            pass_time(3.5)
            recovery.publish_due(self.producer)
        return self.broker.take(place)

    def next_is_delivered(self):
        self.delivers(0, WORKERS[0], "nothing", NONE)

    @rule(place=place, worker=worker)
    def claims(self, place, worker):
        if message := self.taken(place):
            with ending():
                self.hands.append(execution.claim(message[1], message[0], worker))

    @rule(place=place, error=error, trouble=trouble)
    def runs(self, place, error, trouble):
        if not self.hands:
            self.claims(place, WORKERS[0])
        if self.hands:
            job = self.hands.pop(place % len(self.hands))
            with ending(error), self.disturbed(trouble):
                execution.run(TASKS[job.task], job)

    # Misfortune ---------------------------------------------------------------------------------------------------

    @rule(
        what=st.sampled_from(
            [
                "loses",
                "repeats",
                "repeats",
                "broker_forgets",
                "web_process_dies",
                "server_goes_away",
                "process_dies",
                "worker_stops",
            ]
        ),
        place=place,
    )
    def misfortune(self, what, place):
        getattr(self, what)(place)

    def loses(self, place):
        self.broker.take(place)

    def repeats(self, place):
        self.broker.repeat(place)

    def broker_forgets(self, place=0):
        self.client.flushall()

    def web_process_dies(self, place):
        self.forget_memory()

    def server_goes_away(self, place):
        for _ in range(circuits.FAILURES):
            circuits.failed("server", "away")

    def process_dies(self, place):
        del self.hands[place : place + 1]

    def worker_stops(self, place):
        worker = WORKERS[place % 2]
        recovery.give_back(Job.objects.filter(worker=worker), "its worker was stopped")
        Worker.objects.filter(name=worker).delete()

    # Recovery -----------------------------------------------------------------------------------------------------

    @rule(seconds=seconds, alive=st.sampled_from([(), WORKERS, WORKERS[:1]]), trouble=trouble)
    def recovers(self, seconds, alive, trouble):
        pass_time(seconds)
        for name in alive:
            Worker.objects.update_or_create(name=name, defaults={"pid": 1, "heartbeat_at": Now()})
        with ending(), self.disturbed(trouble):
            self.everything_recovers()

    @rule(worker=worker, trouble=trouble)
    def looks_at_its_own_hands(self, worker, trouble):
        held = {str(job.id) for job in self.hands if job.worker == worker}
        alive = {os.getpid()} if held else set()
        with ending(), self.disturbed(trouble):
            recovery.take_back_from_myself(worker, held, alive)

    def everything_recovers(self):
        recovery.take_back_from_dead_workers()
        circuits.release_probes()
        recovery.find_lost(self.producer)
        recovery.publish_due(self.producer)

    def others_take_over(self):
        self.recovers(700, (), NONE)
        self.next_is_delivered()

    def others_claim(self):
        for place in range(len(WORKERS)):
            self.worker_stops(place)  # gives back without an attempt: then nothing but the fence holds its process off
        self.recovers(3.5, (), NONE)
        self.claims(0, WORKERS[1])

    # People -------------------------------------------------------------------------------------------------------

    @rule(place=place, what=st.sampled_from(["cancel", "discard", "replay", "replay", "pause"]))
    def people(self, place, what):
        if what == "pause":
            self.toggle(PAUSABLE[place])
        else:
            self.intervene(Job.objects.filter(id__in=self.committed[place % 3 :: 3]), what)

    def all_replayed(self):
        self.intervene(Job.objects.all(), "replay")

    def all_cancelled(self):
        self.intervene(Job.objects.all(), "cancel")

    def intervene(self, jobs, action):
        before = dict(jobs.exclude(state="waiting").values_list("id", "claims"))
        getattr(control, action)(jobs, **WHO)
        for key in Job.objects.filter(id__in=before, state="waiting").values_list("id", flat=True):
            self.replays[key] = before[key]

    def toggle(self, what):
        if not pauses.resume(*what, **WHO):
            pauses.pause(*what, **WHO)

    # What always holds --------------------------------------------------------------------------------------------

    @invariant()
    def promises(self):
        jobs = {job.id: job for job in Job.objects.all()}
        assert jobs.keys() == set(self.committed), "both or neither"
        effects = Counter(AuditEntry.objects.values_list("target", flat=True))
        assert effects == {str(key): 1 for key, job in jobs.items() if job.state == "succeeded"}, "one effect"
        tries = {}
        for each in Attempt.objects.all():
            tries.setdefault(each.job_id, []).append(each)
        for key, job in jobs.items():
            check(job, tries.get(key, []), self.replays.get(key, 0))
            check_way(self.before.get(key), job)
        self.before = jobs

    def teardown(self):
        zombies, self.hands = self.hands, []
        for kind, name in Pause.objects.values_list("kind", "name"):
            pauses.resume(kind, name, **WHO)
        self.forget_memory()
        for _ in range(8):
            pass_time(100)
            self.everything_recovers()
            while self.broker.waiting():
                self.next_is_delivered()
            self.promises()
            if not Job.objects.exclude(state__in=SETTLED).exists():
                break
        left = list(Job.objects.exclude(state__in=SETTLED))
        assert not left, [vars(job) for job in left]
        for job in zombies:
            with ending():
                execution.run(TASKS[job.task], job)
        self.promises()


def check(job, tries, since):
    assert (job.state == "running") == (job.lease_until is not None), "a lease while it runs"
    assert (job.state in SETTLED) == (job.finished_at is not None), "an end when it has ended"
    numbers = [each.number for each in tries]
    assert len(set(numbers)) == len(numbers), "one attempt a claim"
    assert all(0 < number <= job.claims for number in numbers)
    done = [each.number for each in tries if each.outcome == "succeeded"]
    assert done == ([job.claims] if job.state == "succeeded" else []), "settled by the latest claim"
    if job.state == "running":
        assert job.claims not in numbers
        assert not job.parked
    lately = Counter(each.outcome for each in tries if each.number > since)
    given_up = job.deaths == recovery.MOST_DEATHS
    assert job.deaths == lately["died"] <= recovery.MOST_DEATHS
    assert not given_up or job.state in {"failed", "cancelled"}
    begun = lately["failed"] + lately["succeeded"] + (job.state == "running") + given_up
    assert 0 <= job.attempts <= min(begun, TRIES)
    if not TASKS[job.task].policy.circuit:
        assert job.attempts == begun
    if job.state == "failed":
        last = tries[-1].error
        assert given_up or job.attempts == TRIES or last.startswith("Hopeless"), "given up for a reason"


def check_way(before, job):
    if before is None:
        return
    assert job.claims >= before.claims
    assert job.sends >= before.sends
    if before.state == "succeeded":
        assert job.state == "succeeded"


@pytest.fixture
def quiet():
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)
    publisher.begin()


@pytest.mark.django_db(transaction=True)
def test_the_promises_hold_whatever_happens(broker, quiet):
    with app.connection_for_write() as to, redis.Redis(unix_socket_path=str(broker)) as client:
        Ledger.client, Ledger.producer = client, Producer(to)
        run_state_machine_as_test(
            Ledger,
            settings=settings(
                max_examples=EXAMPLES or 40,
                stateful_step_count=25,
                derandomize=not EXAMPLES,
                database=None,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
