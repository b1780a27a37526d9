"""Where renditions are to be had."""

from pathlib import PurePath

from django.urls import reverse

from project.photos.models import Rendition
from project.photos.specs import FORMATS

EXTENSIONS = {each.name: each.extension for each in FORMATS}
NAMES = {extension: name for name, extension in EXTENSIONS.items()}


def version(rendition: Rendition) -> str:
    """Return what changes with the rendition's content: a part of the hash of its original, and its recipe."""
    path = PurePath(str(rendition.file.name))
    return f"{path.parent.name[:12]}-{path.stem.rpartition('-')[2]}"


def address(rendition: Rendition) -> str:
    """Return an address that changes with the content, so that browsers may keep what they got for ever."""
    extension = EXTENSIONS[rendition.format]
    path = reverse("photos:rendition", args=[rendition.photo_id, rendition.spec, extension])
    return f"{path}?v={version(rendition)}"
