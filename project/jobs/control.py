"""What people do to jobs: cancel, replay, discard.

Pages and the command line share these. Each is safe beside workers that run meanwhile, and is kept with who and why.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from project.jobs.errors import JobsError
from project.jobs.models import Intervention, Job, State

BATCH = 500  # jobs in one transaction: a filter may find a hundred thousand


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it. refused: jobs whose state did not allow it, such as those that had started already."""

    changed: int
    refused: int

    @property
    def in_words(self) -> str:
        """Say it to whoever asked."""
        said = f"{self.changed} changed"
        return f"{said}, {self.refused} came too late or are in another state" if self.refused else said


def cancel(jobs: "QuerySet[Job]", *, actor: str, reason: str) -> Done:
    """Cancel jobs that wait. One that has started is not stopped: it came too late, and the answer says so."""
    return change(jobs, (State.WAITING,), "cancel", actor, reason, state=State.CANCELLED, finished_at=Now())


def replay(jobs: "QuerySet[Job]", *, actor: str, reason: str) -> Done:
    """Run failed or cancelled jobs again, with all their attempts."""
    fresh = {"attempts": 0, "deaths": 0, "published_at": None, "finished_at": None, "run_at": Now(), "parked": ""}
    return change(jobs, (State.FAILED, State.CANCELLED), "replay", actor, reason, state=State.WAITING, **fresh)


def discard(jobs: "QuerySet[Job]", *, actor: str, reason: str) -> Done:
    """Give failed jobs up for good: they are `cancelled`, with the reason."""
    return change(jobs, (State.FAILED,), "discard", actor, reason, state=State.CANCELLED)


def change(
    jobs: "QuerySet[Job]", states: Iterable[State], action: str, actor: str, reason: str, **values: object
) -> Done:
    """Change the jobs that are in one of the states, and keep who did it and why."""
    require(actor, reason)
    wanted = list(jobs.values_list("id", flat=True))
    changed = sum(
        change_batch(
            wanted[start : start + BATCH], states, Intervention(actor=actor, action=action, reason=reason), values
        )
        for start in range(0, len(wanted), BATCH)
    )
    return Done(changed, len(wanted) - changed)


@transaction.atomic
def change_batch(ids: list[UUID], states: Iterable[State], why: Intervention, values: dict[str, object]) -> int:
    """Change one batch. The lock makes the ones that are changed and the ones that are kept the same."""
    allowed = Job.objects.select_for_update().filter(id__in=ids, state__in=list(states)).order_by("id")
    found = list(allowed.values_list("id", "task"))
    Job.objects.filter(id__in=[key for key, _ in found]).update(**values)
    Intervention.objects.bulk_create(
        Intervention(actor=why.actor, action=why.action, reason=why.reason, target=task, job_id=key)
        for key, task in found
    )
    return len(found)


def require(actor: str, reason: str) -> None:
    """Refuse what nobody answers for."""
    if not actor.strip() or not reason.strip():
        raise JobsError(f"An intervention needs who and why; found actor {actor!r} and reason {reason!r}.")
