"""What is done to the ledger, first part: asking for jobs, with and without a key, and publishing them."""

import threading

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from project.jobs import enqueue, recovery
from project.jobs.models import Job
from project.jobs.publisher import publisher
from tests.project.jobs.ledger_promises import Ask
from tests.project.jobs.ledger_tasks import KEYS, LOOKING, PLAIN, TASKS, change, ending, subjects
from tests.project.jobs.ledger_world import Broker, disturbed, emptied, now

place = st.integers(0, 5)
task_name = st.sampled_from(PLAIN)
looking = st.sampled_from(LOOKING)
key = st.sampled_from(KEYS)
SETTLES = [{}, {}, {"settle": 50.0}, {"settle": 50.0, "at_most": 120.0}, {"settle": 50.0, "at_most": 600.0}]
settles = st.sampled_from(SETTLES)
fate = st.sampled_from(["commit", "commit", "commit", "rollback"])
EVENTS = [
    "everything_recovers",
    "next_is_delivered",
    "others_take_over",
    "others_claim",
    "others_ask",
    "others_ask",
    "all_replayed",
    "all_cancelled",
    "broker_forgets",
]
NONE = (None, 0, "")
trouble = st.one_of(
    st.just(NONE),
    st.just(NONE),
    st.just(NONE),
    st.tuples(st.sampled_from(["death", "error"]), st.integers(0, 14), st.just("")),
    st.tuples(st.just("others"), st.integers(0, 6), st.sampled_from(EVENTS)),
)


class Asking(RuleBasedStateMachine):
    client = producer = None

    def __init__(self):
        super().__init__()
        emptied()
        self.client.flushall()
        self.forget_memory()
        self.broker = Broker(self.client, calm=False)
        self.committed = []  # the ids of jobs
        self.asked, self.numbers, self.open = [], 0, []

    def forget_memory(self):
        publisher.begin()
        publisher._producer = self.producer
        publisher._thread = threading.main_thread()  # so that none is started: the rule is the thread

    def disturbed(self, trouble):
        kind, at, event = trouble
        return disturbed(kind, at, getattr(self, event, None))

    @initialize(names=st.lists(task_name, min_size=1, max_size=3), published=st.booleans(), calm=st.booleans())
    def some_wait(self, names, published, calm):
        self.broker.calm = calm
        recovery.find_lost(self.producer)  # leaves the mark
        for each in names:
            self.asks(each, "commit")
        if published:
            self.publishes(len(names), NONE)

    @rule(name=task_name, fate=st.one_of(fate, st.just("savepoint")))
    def asks(self, name, fate):
        with transaction.atomic():
            with transaction.atomic():
                job_id = enqueue(TASKS[name])
                transaction.set_rollback(fate == "savepoint")
            transaction.set_rollback(fate == "rollback")
        if fate == "commit":
            self.committed.append(job_id)

    @rule(name=looking, key=key, asks=st.lists(st.tuples(settles, st.booleans()), min_size=1, max_size=3), fate=fate)
    def asks_under_a_key(self, name, key, asks, fate):
        with transaction.atomic():
            kept = [self.ask_in_a_savepoint(name, key, *each) for each in asks]
            transaction.set_rollback(fate == "rollback")
        if fate == "commit":
            self.remember(kept)

    @rule(name=looking, key=key, asks=st.lists(settles, min_size=1, max_size=3), fate=fate)
    def asks_in_one_insert(self, name, key, asks, fate):
        with transaction.atomic():
            kept = [self.ask(name, key, settle) for settle in asks]
            transaction.set_rollback(fate == "rollback")
        if fate == "commit":
            self.remember(kept)

    def asks_once(self, name, key):
        self.asks_under_a_key(name, key, [({}, False)], "commit")
        return self.asked[-1].job

    def ask_in_a_savepoint(self, name, key, settles, dropped):
        with transaction.atomic():
            asked = self.ask(name, key, settles)
            transaction.set_rollback(dropped)
        return None if dropped else asked

    def ask(self, name, key, settles):
        self.numbers += 1
        asked = now()
        change(key, self.numbers)
        job_id = enqueue(TASKS[name], key=key, **subjects(name, key, self.numbers), **settles)
        settle = settles.get("settle", 0)
        return Ask(job_id, key, self.numbers, asked + settle, now() + settles.get("at_most", settle))

    def remember(self, kept):
        asked = [ask for ask in kept if ask]
        self.asked += asked
        self.committed += dict.fromkeys(ask.job for ask in asked)

    def others_ask(self):
        running = Job.objects.filter(state="running").exclude(key="").values_list("task", "key").first()
        self.asks_once(*(running or (LOOKING[1], KEYS[0])))

    @rule(most=st.integers(1, 3), trouble=trouble)
    def publishes(self, most, trouble):
        others = [publisher._messages.pop() for _ in range(max(0, len(publisher._messages) - most))]
        with ending(), self.disturbed(trouble):
            publisher._send()
        publisher._messages.extend(reversed(others))

    @rule(trouble=trouble)
    def marks(self, trouble):
        with ending(), self.disturbed(trouble):
            publisher._mark()
