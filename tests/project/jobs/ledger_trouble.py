"""What is done to the ledger, last part: misfortune, recovery, and people."""

import os
from datetime import timedelta

from django.db.models.functions import Now
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import rule

from project.jobs import circuits, control, pauses, recovery
from project.jobs.models import Job, Worker
from tests.project.jobs.ledger_asking import NONE, place, trouble
from tests.project.jobs.ledger_keys import Keys
from tests.project.jobs.ledger_tasks import KEYS, LOOKING, QUEUES, dependent, ending
from tests.project.jobs.ledger_working import worker
from tests.project.jobs.ledger_world import WORKERS, pass_time, take_back_from_dead_workers

WHO = {"actor": "ada", "reason": "test"}
PAUSABLE = [*(("queue", name) for name in QUEUES), *(("task", name) for name in LOOKING), *(("key", k) for k in KEYS)]
seconds = st.sampled_from([1.25, 5.5, 15.75, 60.5, 700])
misfortunes = st.sampled_from(
    ["loses", "repeats", "repeats", "broker_forgets", "web_process_dies", "process_dies", "worker_stops"]
)


class Trouble(Keys):
    def __init__(self):
        super().__init__()
        self.replays = {}  # a job's id -> its claims when it was replayed

    # Misfortune ---------------------------------------------------------------------------------------------------

    @rule(what=misfortunes, place=place)
    def misfortune(self, what, place):
        getattr(self, what)(place)

    def loses(self, place):
        self.broker.take(place)

    def repeats(self, place):
        self.broker.repeat(place)

    def broker_forgets(self, place=0):
        self.broker.forget()

    def web_process_dies(self, place):
        self.forget_memory()

    def process_dies(self, place):
        del self.hands[place : place + 1]

    def worker_stops(self, place):
        worker = WORKERS[place % 2]
        recovery.give_back(Job.objects.filter(worker=worker), "its worker was stopped")
        Worker.objects.filter(name=worker).delete()

    @rule(probes=st.integers(0, 2))
    def server_goes_away(self, probes):
        for _ in range(circuits.FAILURES):
            circuits.failed("server", "away")
        self.asks(dependent.name, "commit")
        for _ in range(probes):
            pass_time(20)
            self.everything_recovers()
            while self.broker.waiting():
                self.delivers(0, WORKERS[0], "unreachable", NONE)

    # Recovery -----------------------------------------------------------------------------------------------------

    @rule(seconds=seconds, alive=st.sampled_from([(), WORKERS, WORKERS[:1]]), trouble=trouble)
    def recovers(self, seconds, alive, trouble):
        pass_time(seconds)
        for name in alive:
            Worker.objects.update_or_create(name=name, defaults={"pid": 1, "heartbeat_at": Now()})
        if trouble == NONE:
            self.all_recovers_and_what_is_well_is_left()
            return
        with ending(), self.disturbed(trouble):
            self.everything_recovers()

    @rule(worker=worker, trouble=trouble)
    def looks_at_its_own_hands(self, worker, trouble):
        held = {str(job.id) for job in self.hands if job.worker == worker}
        alive = {os.getpid()} if held else set()
        own = running(worker=worker, id__in=held)
        with ending(), self.disturbed(trouble):
            recovery.take_back_from_myself(worker, held, alive)
            assert trouble != NONE or own <= running(), "what is in its hands stays there"

    def everything_recovers(self):
        take_back_from_dead_workers()
        circuits.release_probes()
        recovery.find_lost(self.producer)
        recovery.publish_due(self.producer)

    def all_recovers_and_what_is_well_is_left(self):
        soon, lately = timezone.now() + timedelta(seconds=1), timezone.now() - timedelta(seconds=10)
        beating = Worker.objects.filter(heartbeat_at__gt=lately).values("name")
        well = running(worker__in=beating, lease_until__gt=soon)
        take_back_from_dead_workers()
        assert well <= running(), "what a live worker runs stays with it"
        circuits.release_probes()
        there = Job.objects.filter(state="waiting", published_at__isnull=False, id__in=self.broker.ids())
        sends = set(there.values_list("id", "sends"))
        recovery.find_lost(self.producer)
        recovery.publish_due(self.producer)
        if self.broker.calm:
            assert sends <= set(there.values_list("id", "sends")), "what is in the broker is not sent again"

    def others_take_over(self):
        self.recovers(700, (), NONE)
        self.next_is_delivered()

    def others_claim(self):
        for each in range(len(WORKERS)):
            self.worker_stops(each)  # gives back without an attempt: then nothing but the fence holds its process off
        self.recovers(3.5, (), NONE)
        self.claims(0, WORKERS[1])

    # People -------------------------------------------------------------------------------------------------------

    @rule(place=place, what=st.sampled_from(["cancel", "discard", "replay", "replay", "pause", "pause"]))
    def people(self, place, what):
        if what == "pause":
            self.toggle(PAUSABLE[place])
        else:
            chosen = self.committed if place > 2 else self.committed[place::3]
            self.intervene(Job.objects.filter(id__in=chosen), what)

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


def running(**which):
    """Returns the jobs that run, with their claims."""
    return set(Job.objects.filter(state="running", **which).values_list("id", "claims"))
