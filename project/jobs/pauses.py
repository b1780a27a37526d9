"""Pauses: a queue or a task whose jobs wait until a person lets them go on. Durable: a row says so."""

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from project.jobs.control import require
from project.jobs.errors import JobsError
from project.jobs.models import Intervention, Pause
from project.jobs.registry import registered


@transaction.atomic
def pause(kind: str, name: str, *, actor: str, reason: str) -> None:
    """Let the jobs of a queue or a task wait; what runs already is finished. Raises JobsError."""
    require(actor, reason)
    known = {"queue": list(settings.QUEUES), "task": sorted(registered)}
    if name not in known.get(kind, ()):
        expected = ", ".join(known.get(kind, known))
        raise JobsError(f"There is no {kind} {name!r} to pause; expected one of {expected}.")
    Pause.objects.get_or_create(kind=kind, name=name, defaults={"actor": actor, "reason": reason})
    Intervention.objects.create(actor=actor, action="pause", target=f"{kind} {name}", reason=reason)


@transaction.atomic
def resume(kind: str, name: str, *, actor: str, reason: str) -> bool:
    """Let the jobs go on. Returns whether they were paused."""
    require(actor, reason)
    removed, _ = Pause.objects.filter(kind=kind, name=name).delete()
    if removed:
        Intervention.objects.create(actor=actor, action="resume", target=f"{kind} {name}", reason=reason)
    return bool(removed)


def paused() -> Q:
    """Return the condition for jobs that are paused."""
    condition = Q(pk__in=())
    for kind, name in Pause.objects.values_list("kind", "name"):
        condition |= Q(**{kind: name})
    return condition


def is_paused(task: str, queue: str) -> bool:
    """Tell whether a task's jobs are to wait."""
    return Pause.objects.filter(Q(kind="queue", name=queue) | Q(kind="task", name=task)).exists()
