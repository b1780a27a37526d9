"""What is done to the ledger, second part: workers, who claim and run."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from project.jobs import claiming, execution, folding, recovery
from project.jobs.models import Job
from tests.project.jobs.ledger_asking import NONE, Asking, place, trouble
from tests.project.jobs.ledger_promises import check_due
from tests.project.jobs.ledger_tasks import ERRORS, PLAIN, TASKS, ending
from tests.project.jobs.ledger_world import WORKERS, pass_time

worker = st.sampled_from(WORKERS)
error = st.sampled_from([*ERRORS, "nothing", "nothing"])
bad = st.sampled_from(["death", "death", "retriable", "unreachable"])


class Working(Asking):
    def __init__(self):
        super().__init__()
        self.hands = []  # claimed jobs and their workers; who froze comes back, however late

    @rule(place=place, worker=worker, error=error, trouble=trouble)
    def delivers(self, place, worker, error, trouble):
        if message := self.taken(place):
            with ending(error), self.disturbed(trouble):
                execution.execute(message[1], job_id=message[0], worker=worker)

    @rule(place=place, times=st.integers(1, 3), error=bad, replayed=st.booleans())
    def keeps_failing(self, place, times, error, replayed):
        for _ in range(times):
            self.delivers(place, WORKERS[0], error, NONE)
            self.recovers(100, (), NONE)
        if replayed:
            self.all_replayed()

    @rule(place=place, error=error)
    def freezes(self, place, error):
        self.claims(place, WORKERS[0])
        self.others_claim()
        self.runs(0, error, NONE)

    delivers_more = delivers_most = delivers  # what leads furthest is done most

    def taken(self, place):
        if not self.broker.waiting():
            if not Job.objects.filter(state="waiting").exists():
                self.asks(PLAIN[place % len(PLAIN)], "commit")
            pass_time(3.5)
            recovery.publish_due(self.producer)
        return self.broker.take(place)

    def next_is_delivered(self):
        self.delivers(0, WORKERS[0], "nothing", NONE)

    @rule(place=place, worker=worker)
    def claims(self, place, worker):
        if message := self.taken(place):
            self.is_claimed(message[1], message[0], worker)

    def is_claimed(self, task, job_id, worker):
        with ending():
            (job,) = claiming.claim(task, [str(job_id)], worker)
            self.hands.append(job)
            assert not job.key or not folding.waiting_like(job).exists(), "it takes along all that wait"
            check_due(job, self.asked)

    @rule(place=place, error=error, trouble=trouble)
    def runs(self, place, error, trouble):
        if not self.hands:
            self.claims(place, WORKERS[0])
        if self.hands:
            job = self.hands.pop(place % len(self.hands))
            with ending(error), self.disturbed(trouble):
                execution.run(TASKS[job.task], job)
