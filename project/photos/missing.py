"""What is missing of all photos, told by difference, asked for in the background, and how far that is.

A new spec, or a changed one, is drawn so for all photos. Who is interrupted asks again: what is there, or asked for
already, is not asked for twice.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.db import transaction
from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Value, When

from project.jobs import enqueue_many
from project.jobs.models import UNSETTLED, Job, State
from project.jobs.registry import registered
from project.photos import specs
from project.photos.models import Photo, Rendition
from project.photos.specs import Wanted, wanted

TASKS = {False: "thumbnails.draw_renditions", True: "thumbnails.draw_later"}  # later: by name, they lie above
BATCH = 1000  # photos that one transaction asks for
WIDEST = 10**6  # pixels


@dataclass(frozen=True, slots=True)
class Progress:
    """photos: all there are; complete: those that lack nothing; asked: jobs that have yet to end."""

    photos: int
    complete: int
    asked: int


def ask() -> Iterator[int]:
    """Ask for what all photos lack, a transaction for some of them. Yields the number of jobs asked for."""
    remove_what_is_no_more()
    for later, name in TASKS.items():
        ids = list(lacking(later=later).order_by("pk").values_list("pk", flat=True))
        waiting = asked_for(name)
        rest = [pk for pk in ids if pk not in waiting]
        for start in range(0, len(rest), BATCH):
            some = [{"photo_id": pk} for pk in rest[start : start + BATCH]]
            with transaction.atomic():
                enqueue_many(registered[name], some, priority=-1)
            yield len(some)


def remove_what_is_no_more() -> None:
    """Delete the renditions of specs that were taken away; what follows from that removes their files."""
    rest = Rendition.objects.exclude(spec__in=[spec.name for spec in specs.SPECS])
    while some := list(rest[:BATCH]):
        with transaction.atomic():
            for each in some:
                each.delete()


def asked_for(name: str) -> set[int]:
    """Return the photos for which jobs of a task wait: those that run may have looked already."""
    kwargs = Job.objects.filter(task=name, state=State.WAITING).values_list("kwargs", flat=True)
    return {each["photo_id"] for each in kwargs}


def progress() -> Progress:
    """Return how far all photos are."""
    photos = Photo.objects.count()
    lack = Photo.objects.filter(Q(pk__in=lacking(later=False)) | Q(pk__in=lacking(later=True))).count()
    asked = Job.objects.filter(queue="thumbnails", task__in=TASKS.values(), state__in=UNSETTLED).count()
    return Progress(photos, photos - lack, asked)


def lacking(*, later: bool) -> "QuerySet[Photo]":
    """Return the photos that lack a rendition of the formats that are for later, or of the others."""
    number: list[When] = []
    there = Q(pk__in=[])
    for photos, those in kinds():
        mine = of(those, later=later)
        number.append(When(photos, then=Value(len(mine))))
        there |= photos & Q(renditions__recipe__in=[each.recipe for each in mine])
    kept = Photo.objects.annotate(kept=Count("renditions", filter=there & Q(renditions__source=F("image"))))
    wants = Case(*number, default=Value(0), output_field=IntegerField())
    return kept.filter(kept__lt=wants).values("pk")  # type: ignore[return-value]


def kinds() -> Iterator[tuple[Q, list[Wanted]]]:
    """Yield each kind of photos that want the same, with what they want: `specs.wanted` tells by width and moving."""
    borders = [0, *sorted(spec.width for spec in specs.SPECS if not spec.moves)[:-1], WIDEST]
    for above, most in pairwise(borders):
        for moves in (True, False):
            yield Q(width__gt=above, width__lte=most, moves=moves), wanted(above + 1, moves=moves)


def of(those: Sequence[Wanted], *, later: bool) -> list[Wanted]:
    """Return those whose formats are for later, or the others."""
    return [each for each in those if each.format.later == later]
