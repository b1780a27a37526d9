"""The facts of a running stack: its database and its files, and how to wait for them."""

import time
from types import MethodType

import pytest
from django.db import ConnectionHandler, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Q
from django_celery_results.models import TaskResult

from project.environment import database_settings
from project.jobs.models import UNSETTLED, Job, State
from project.jobs.registry import registered
from project.notifications.models import Delivery

POLL = 0.05  # seconds between two looks
PATIENCE = 60  # seconds; much more than any wait takes, for machines with other work to do


class Facts:
    """What can be seen of a stack."""

    def __init__(self):
        self.alias = f"stack-{id(self)}"  # its database, beside pytest-django's own and those of other stacks
        self.blamed = set()  # jobs that made a story fail; they shall not fail those after it

    def connect(self, blocker):
        """Reach the stack's database beside the tests' own, whose blocking by pytest-django is left as it is."""
        settings = ConnectionHandler({"default": database_settings(self.database_url)}).settings["default"]
        connections.settings[self.alias] = settings
        self.connection = connections[self.alias]
        with blocker.unblock():
            self.connection.ensure_connection = MethodType(BaseDatabaseWrapper.ensure_connection, self.connection)
        self.undo.callback(self.disconnect)

    def connect_here(self):
        """Use the same connection where an event loop runs: Django would otherwise make another one there."""
        connections[self.alias] = self.connection

    def disconnect(self):
        self.connection.close()
        del connections[self.alias], connections.settings[self.alias]

    def rows(self, model, **lookups):
        """Return a model's rows in the stack's database."""
        return model._base_manager.using(self.alias).filter(**lookups)

    def insert(self, instance):
        """Write a row as `loaddata` does: nothing follows from it."""
        instance.save_base(raw=True, using=self.alias)
        return instance

    def files(self):
        return sorted(str(path.relative_to(self.media)) for path in self.media.rglob("*") if path.is_file())

    def wait_until(self, what, condition, seconds=PATIENCE):
        """Look again and again until the condition gives something true, and return that."""
        deadline = time.monotonic() + seconds
        while not (value := condition()):
            if time.monotonic() > deadline or not all(process.lives for process in self.processes):
                pytest.fail(
                    f"Still not, after {seconds} s or when a process ended: {what}.\n{self.report()}", pytrace=False
                )
            time.sleep(POLL)
        return value

    def settle(self, seconds=PATIENCE):
        """Wait until no job is left, then see that each succeeded at its first attempt and had its effect once."""
        try:
            self.wait_until("every job settled", lambda: not self.unsettled(), seconds)
            assert not self.imperfect().exists(), self.report()
        finally:
            self.blamed |= set(self.imperfect().values_list("id", flat=True))
        self.wait_until("the results kept under their jobs' ids", lambda: self.expected_results() <= self.results())
        assert self.expected_results() == self.results(), "results are kept that nobody reads"
        accepted = [Delivery.State.SENT, Delivery.State.BOUNCED]
        sent = self.rows(Delivery, state__in=accepted).values_list("message_id", flat=True)
        assert self.mailbox.message_ids() == sorted(sent)

    def imperfect(self):
        """Return the jobs that neither succeeded at once nor were folded, without an earlier story's failures."""
        done = Q(state=State.SUCCEEDED, attempts=1) | Q(state=State.FOLDED)
        return self.rows(Job).exclude(done).exclude(pk__in=self.blamed)

    def unsettled(self):
        return self.rows(Job, state__in=UNSETTLED).exclude(pk__in=self.blamed).exists()

    def expected_results(self):
        """Return the ids of the jobs whose results somebody reads."""
        kept = [name for name, task in registered.items() if task.keep_result]
        done = self.rows(Job, task__in=kept, state=State.SUCCEEDED)
        return {str(pk) for pk in done.values_list("id", flat=True)}

    def results(self):
        return set(self.rows(TaskResult, status="SUCCESS").values_list("task_id", flat=True))

    def report(self):
        """Describe what a failure has to show: the jobs that did not succeed and the ends of the logs."""
        try:
            jobs = self.imperfect().order_by("id")[:20]
            lines = [f"{job.task} {job.id}: {job.state}, attempt {job.attempts}, {job.error}" for job in jobs]
        except Exception as error:  # noqa: BLE001  a failure's report must not hide the failure
            lines = [f"the ledger cannot be read: {error}"]
        logs = [process.tail() for process in [*self.processes, self.broker] if process]
        return "\n".join([f"lane {self.lane}; jobs that did not succeed:", *lines, *logs])
