"""Pauses: a queue, a task or a key whose jobs wait until a person lets them go on. Durable: a row says so."""

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from project.jobs.control import require
from project.jobs.errors import JobsError
from project.jobs.models import Intervention, Job, Pause, State
from project.jobs.registry import registered


@transaction.atomic
def pause(kind: str, name: str, *, actor: str, reason: str) -> bool:
    """Let the jobs of a queue, a task or a key wait; what runs already is finished. Raises JobsError.

    Returns whether they were not paused yet; else who did it first, and why, stays.
    """
    require(actor, reason)
    known = {"queue": list(settings.QUEUES), "task": sorted(registered), "key": [name] if name else []}
    if name not in known.get(kind, ()):
        expected = ", ".join(known.get(kind, known)) or "some text"
        raise JobsError(f"There is no {kind} {name!r} to pause; expected one of {expected}.")
    _, is_new = Pause.objects.get_or_create(kind=kind, name=name, defaults={"actor": actor, "reason": reason})
    if is_new:
        Intervention.objects.create(actor=actor, action="pause", target=f"{kind} {name}", reason=reason)
    return is_new


@transaction.atomic
def resume(kind: str, name: str, *, actor: str, reason: str) -> bool:
    """Let the jobs go on. Returns whether they were paused."""
    require(actor, reason)
    pause = Pause.objects.select_for_update().filter(kind=kind, name=name).first()
    if pause is None:
        return False
    # A message that was dropped because of the pause may be marked as sent only after that.
    Job.objects.filter(state=State.WAITING, published_at__gte=pause.at, **{kind: name}).update(published_at=None)
    pause.delete()
    Intervention.objects.create(actor=actor, action="resume", target=f"{kind} {name}", reason=reason)
    return True


def paused() -> Q:
    """Return the condition for jobs that are paused."""
    condition = Q(pk__in=())
    for kind, name in Pause.objects.values_list("kind", "name"):
        condition |= Q(**{kind: name})
    return condition


def is_paused(task: str, queue: str, job_id: str) -> bool:
    """Tell whether a job of the task is to wait."""
    key = Job.objects.filter(id=job_id).exclude(key="").values("key")
    asked = Q(kind="queue", name=queue) | Q(kind="task", name=task) | Q(kind="key", name__in=key)
    return Pause.objects.filter(asked).exists()
