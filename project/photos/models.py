"""Photographs and their renditions."""

from pathlib import PurePath
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from uuid_utils.compat import uuid4

from project.jobs.senders import Sender


def original_name(_photo: "Photo", filename: str) -> str:
    """Return a random name: nobody's file name becomes a path, and nobody guesses it."""
    return f"photos/originals/{uuid4()}{PurePath(filename).suffix.lower()[:5]}"


class Photo(Sender):
    """An uploaded photograph: the original, which is never shown."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="photos")
    title = models.CharField(max_length=200)
    image = models.ImageField(upload_to=original_name, width_field="width", height_field="height")
    width = models.PositiveIntegerField(editable=False)
    height = models.PositiveIntegerField(editable=False)
    uploaded_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[models.Manager["Photo"]]

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Return the address of the photo's page."""
        return reverse("photos:detail", args=[self.pk])


class Rendition(Sender):
    """A stored derivative of an original.

    source: the name of the original it was drawn from; a replaced photo's renditions are told by it.
    """

    photo = models.ForeignKey(Photo, models.CASCADE, related_name="renditions")
    spec = models.CharField(max_length=20)
    format = models.CharField(max_length=10)
    source = models.CharField(max_length=200)
    file = models.FileField(max_length=200)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    bytes = models.PositiveIntegerField()

    objects: ClassVar[models.Manager["Rendition"]]

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="rendition_once", fields=["photo", "spec", "format"]),
        ]
        ordering: ClassVar = ["width"]

    def __str__(self) -> str:
        return f"{self.spec} of photo {self.photo_id}"
