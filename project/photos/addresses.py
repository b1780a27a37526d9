"""Where renditions are to be had."""

from pathlib import PurePath

from django.urls import reverse

from project.photos.models import Rendition


def digest(rendition: Rendition) -> str:
    """Return the part of the file's name that its content decides."""
    return PurePath(str(rendition.file.name)).stem.rpartition("-")[2]


def address(rendition: Rendition) -> str:
    """Return an address that changes with the content, so that browsers may keep what they got for ever."""
    return f"{reverse('photos:rendition', args=[rendition.photo_id, rendition.spec])}?v={digest(rendition)}"
