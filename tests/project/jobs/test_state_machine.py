"""Whatever is done to the ledger in whatever order, its promises hold. STATE_MACHINE_EXAMPLES=5000 looks for longer."""

import logging
import os

import pytest
import redis
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, run_state_machine_as_test
from kombu import Producer

from project.celery import app
from project.jobs import circuits, execution, pauses
from project.jobs.models import Job, Pause
from project.jobs.publisher import publisher
from tests.project.jobs.ledger_promises import SETTLED, check_all, check_order
from tests.project.jobs.ledger_tasks import TASKS, ending
from tests.project.jobs.ledger_trouble import WHO, Trouble
from tests.project.jobs.ledger_world import pass_time

EXAMPLES = int(os.environ.get("STATE_MACHINE_EXAMPLES", "0"))


class Ledger(Trouble):
    def __init__(self):
        super().__init__()
        self.before = {}
        self.away_at_the_end = False

    @initialize(away=st.booleans())
    def what_is_to_come(self, away):
        self.away_at_the_end = away

    @invariant()
    def promises(self):
        self.before = check_all(self.before, self.committed, self.asked, self.replays)

    def teardown(self):
        """All that waits comes to its end once nothing stands in its way, and who comes back late changes nothing."""
        zombies, self.hands = self.hands, []
        while self.open:
            self.commits_what_was_begun(0, "commit")
        for kind, name in Pause.objects.values_list("kind", "name"):
            pauses.resume(kind, name, **WHO)
        self.forget_memory()
        if self.away_at_the_end:
            self.leaves_some_parked()
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
        check_order(self.before)

    def leaves_some_parked(self):
        self.server_goes_away(2)
        self.promises()
        assert Job.objects.filter(parked="server", claims__gt=0).exists()
        assert not circuits.admits("server")


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
                max_examples=EXAMPLES or 16,
                stateful_step_count=25,
                derandomize=not EXAMPLES,
                database=None,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
