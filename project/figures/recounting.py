"""Count everything anew, in portions that each remember in their own commit how far it is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from project.figures.models import Recount
from project.figures.subjects import KINDS, Kind

STALE = timedelta(days=1)  # a run that was begun longer ago is not gone on with: its first figures are old


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is: so many subjects are counted of so many; the next ones are of this kind."""

    done: int
    total: int
    kind: str


def begin(since: date | None) -> Recount:
    """Return the run that was cut short, or a new one. since: the first day of what is counted; none: all."""
    Recount.objects.filter(started_at__lt=timezone.now() - STALE).delete()
    same = {"since": since, "zone": settings.STATISTICS_TIME_ZONE}
    return Recount.objects.filter(**same).first() or Recount.objects.create(**same)


def go_on(run: Recount) -> Iterator[Progress]:
    """Count what is left, and yield how far it is, before the first portion and after each.

    Safe beside the site, whose recounts take turns with these, and beside another one of its own: each counts all.
    """
    left = {kind: kind.subjects(run.since) for kind in KINDS}
    total = sum(map(len, left.values()))
    skip_counted(run, left)
    for kind, subjects in left.items():
        for start in range(0, len(subjects), kind.portion):
            yield Progress(total - sum(map(len, left.values())) + start, total, kind.name)
            count(run, kind, subjects[start : start + kind.portion])
        left[kind] = []
    run.delete()
    yield Progress(total, total, "")


def skip_counted(run: Recount, left: dict[Kind, list[Any]]) -> None:
    """Leave out what an earlier part of the run has counted."""
    kinds = [kind.name for kind in KINDS]
    if run.stage not in kinds:
        return
    for kind in KINDS[: kinds.index(run.stage)]:
        left[kind] = []
    kind = KINDS[kinds.index(run.stage)]
    left[kind] = [subject for subject in left[kind] if subject > kind.read(run.position)]


@transaction.atomic
def count(run: Recount, kind: Kind, portion: Sequence[Any]) -> None:
    """Count some subjects, and remember that in the same commit."""
    kind.recount(portion)
    Recount.objects.filter(pk=run.pk).update(stage=kind.name, position=str(portion[-1]))
