"""Photographs and their renditions."""

from pathlib import PurePath
from typing import Any, ClassVar, cast

from django.conf import settings
from django.db import models, transaction
from django.db.models.fields.files import ImageFieldFile
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from uuid_utils.compat import uuid4

from project.jobs.senders import Sender
from project.photos import specs
from project.photos.specs import Wanted, wanted
from project.photos.uploads import Header, read_header


def original_name(_photo: "Photo", filename: str) -> str:
    """Return a random name: nobody's file name becomes a path, and nobody guesses it."""
    return f"photos/originals/{uuid4()}{PurePath(filename).suffix.lower()[:5]}"


class OriginalFile(ImageFieldFile):
    """An original, whose header is read by our own rules: Django's would let each of Pillow's decoders try."""

    @cached_property
    def header(self) -> Header:
        """What the header says. Raises ValidationError where it is no picture."""
        was_closed = self.closed
        try:
            return read_header(self.open())
        finally:
            if was_closed:
                self.close()

    def _get_image_dimensions(self) -> tuple[int, int]:
        return self.header.width, self.header.height


class OriginalField(models.ImageField):
    """A field for an original. Width and height are those of the picture turned upright, as it is shown."""

    attr_class = OriginalFile


class Photo(Sender):
    """An uploaded photograph: the original, which is never shown.

    moves: whether it is an animation that is kept as one. preview: a few bytes to show blurred, as a data URI.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="photos")
    title = models.CharField(max_length=200)
    image = OriginalField(upload_to=original_name, width_field="width", height_field="height")
    width = models.PositiveIntegerField(editable=False)
    height = models.PositiveIntegerField(editable=False)
    moves = models.BooleanField(default=False, editable=False)
    preview = models.TextField(blank=True, editable=False)
    uploaded_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[models.Manager["Photo"]]

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Return the address of the photo's page."""
        return reverse("photos:detail", args=[self.pk])

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; a new original says whether it moves, and what was seen of the one before is forgotten."""
        original = cast("OriginalFile", self.image)
        if original and not original._committed:  # type: ignore[attr-defined]  # noqa: SLF001  a new file
            self.moves, self.preview = original.header.moves, ""
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete, with its renditions: its row is locked before they are looked for, so none is kept meanwhile."""
        with transaction.atomic():
            list(Photo.objects.select_for_update().filter(pk=self.pk))
            return super().delete(*args, **kwargs)

    @property
    def wanted(self) -> list[Wanted]:
        """All renditions that it should have."""
        return wanted(self.width, moves=self.moves)

    @property
    def present(self) -> "list[Rendition]":
        """The renditions of its present original that there are, by whichever recipe of a spec that there is."""
        names = {spec.name for spec in specs.SPECS}
        return [each for each in self.renditions.all() if each.source == self.image.name and each.spec in names]

    @property
    def lacking(self) -> list[Wanted]:
        """The renditions that it should have and has not, or has by an earlier recipe."""
        recipes = {each.recipe for each in self.present}
        return [each for each in self.wanted if each.recipe not in recipes]

    @property
    def drawn(self) -> int:
        """How many of its renditions there are, by the present recipes."""
        return len(self.wanted) - len(self.lacking)


class Rendition(Sender):
    """A stored derivative of an original.

    source: the name of the original it was drawn from; a replaced photo's renditions are told by it.
    recipe: what it was drawn by; see `specs`. file: named by the content of the original and the recipe, so the
    renditions of equal originals are the same files.
    """

    photo = models.ForeignKey(Photo, models.CASCADE, related_name="renditions")
    spec = models.CharField(max_length=20)
    format = models.CharField(max_length=10)
    source = models.CharField(max_length=200)
    recipe = models.CharField(max_length=12, default="")
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
