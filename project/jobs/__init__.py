"""The ledger and the seam: every job is a row that commits with the change that asked for it.

Life of a job, one module a step: `enqueueing` (an ask: `asks`, of checked `arguments`), `gathering` (its row, with the
COMMIT), `publisher` and `messages` (what the broker is told), `claiming`, `execution`, `settlement` and `failures` (its
end), `recovery` (what was lost on the way; each worker's `keeper` does it).

Beside it: `statements` and `rows` (what runs for each job), `backends` and `transport` (our connections to database
and broker), `registry` and `policies` (tasks), `folding` (many asks, one run), `bundles` (many small jobs at once),
`circuits`, `pauses`, `schedules` (when jobs run), `control` (what people do to them), `trail` and `fleet` (what is
going on), `senders` (a save and its signals as one transaction), `patience` (with the database), `results` (for people
to read).
"""

from typing import TYPE_CHECKING, Any

from project.jobs.errors import EnqueueError, JobsError, LeaseLost, TaskDefinitionError
from project.jobs.registry import Task, task

if TYPE_CHECKING:
    from project.jobs.enqueueing import enqueue, enqueue_many
    from project.jobs.patience import patiently
    from project.jobs.settlement import current_job, settling
    from project.jobs.trail import jobs_of

__all__ = [
    "EnqueueError",
    "JobsError",
    "LeaseLost",
    "Task",
    "TaskDefinitionError",
    "current_job",
    "enqueue",
    "enqueue_many",
    "jobs_of",
    "patiently",
    "settling",
    "task",
]

# Django imports this package before its models can be: what needs them is imported when it is first asked for.
LATER = {
    "enqueue": "project.jobs.enqueueing",
    "enqueue_many": "project.jobs.enqueueing",
    "patiently": "project.jobs.patience",
    "current_job": "project.jobs.settlement",
    "settling": "project.jobs.settlement",
    "jobs_of": "project.jobs.trail",
}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name not in LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(LATER[name]), name)
