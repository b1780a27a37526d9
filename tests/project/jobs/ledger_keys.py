"""What is done to the ledger, third part: what only happens to jobs that share a key."""

from django.db import connection, connections, transaction
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from project.jobs import execution
from tests.project.jobs.ledger_asking import NONE, SETTLES, fate, key, looking, place, settles
from tests.project.jobs.ledger_tasks import TASKS, ending, look_long, meanwhile
from tests.project.jobs.ledger_working import Working, error
from tests.project.jobs.ledger_world import WORKERS, pass_time, somebody_else, unseen

patience = st.sampled_from(SETTLES[1:])


class Keys(Working):
    @rule(name=looking, key=key, asks=st.lists(st.tuples(patience, st.sampled_from([5, 45])), min_size=3, max_size=6))
    def keeps_asking(self, name, key, asks):
        for settle, gap in asks:
            self.asks_under_a_key(name, key, [(settle, False)], "commit")
            pass_time(gap)
            self.everything_recovers()
            while self.broker.waiting():
                self.next_is_delivered()

    @rule(key=key, error=error)
    def asks_while_one_looks(self, key, error):
        self.broker.calm = False  # another message than the oldest comes first
        held = len(self.hands)
        self.is_claimed(look_long, self.asks_once(look_long.name, key), WORKERS[0])
        for job in self.hands[held:]:
            self.hands.remove(job)
            token = meanwhile.set(lambda: self.asks_once(look_long.name, key))
            with ending(error):
                execution.run(look_long, job)
            meanwhile.reset(token)

    @rule(name=looking, key=key, deaths=st.integers(0, 2), held=st.booleans(), error=error)
    def asks_once_more(self, name, key, deaths, held, error):
        """While a job of the key runs, or after it has taken workers along."""
        self.broker.calm = False
        first = self.asks_once(name, key)
        for _ in range(deaths):
            self.is_run(TASKS[name], first, "death")
            self.recovers(100, (), NONE)
        if held:
            self.is_claimed(TASKS[name], first, WORKERS[0])
        self.is_run(TASKS[name], self.asks_once(name, key), error)

    def is_run(self, task, job_id, error):
        with ending(error):
            execution.execute(task, job_id=str(job_id), worker=WORKERS[1])

    @precondition(lambda self: connection.vendor == "postgresql" and len(self.open) < 3)
    @rule(name=looking, key=key, settles=settles)
    def begins_to_ask(self, name, key, settles):
        session, around = connections.create_connection("default"), transaction.atomic()
        with somebody_else(session):
            around.__enter__()
            ask = self.ask_in_a_savepoint(name, key, settles, False)
        self.open.append((session, around, ask))
        unseen[session] = ask.job

    @precondition(lambda self: self.open)
    @rule(place=place, fate=fate)
    def commits_what_was_begun(self, place, fate):
        session, around, ask = self.open.pop(place % len(self.open))
        with somebody_else(session):
            transaction.set_rollback(fate == "rollback")
            around.__exit__(None, None, None)
        session.close()
        del unseen[session]
        if fate == "commit":
            self.remember([ask])
