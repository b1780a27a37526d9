"""What the nightly check found."""

from typing import ClassVar

from django.db import models
from django.utils import timezone


class Check(models.Model):
    """A check of the figures against a recount. drifted: how many of the subjects had a wrong one.

    details: what was wrong, as text for people, one a figure; the first hundred.
    """

    at = models.DateTimeField(default=timezone.now)
    subjects = models.PositiveIntegerField()
    drifted = models.PositiveIntegerField()
    details = models.JSONField(default=list)

    objects: ClassVar[models.Manager["Check"]]

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.drifted} of {self.subjects} drifted"


class Recount(models.Model):
    """How far a run of `recount_statistics` is, in the same commit as what it has counted. It goes when it is done.

    since: the first day of what is counted anew; none: all. zone: the time zone that the days are in.
    stage, position: of what it has counted last, see `recounting`.
    """

    since = models.DateField(null=True)
    zone = models.CharField(max_length=60)
    stage = models.CharField(max_length=20, blank=True)
    position = models.CharField(max_length=20, blank=True)
    started_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[models.Manager["Recount"]]

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"recount that has come to {self.stage} {self.position}"
