"""Draws renditions: what is missing is found by difference, drawn outside any transaction, then kept in one."""

import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from project.jobs import settling
from project.photos.models import Photo, Rendition
from project.photos.uploads import FORMATS, MOST_PIXELS

if TYPE_CHECKING:
    from PIL import Image

SPECS = {"small": 160, "medium": 480, "large": 1200}  # pixels of width; never enlarged
FORMAT = "webp"
QUALITY = 80


class UnreadablePictureError(ValueError):
    """The original is no picture, or a damaged one: trying again will not mend it."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A rendition in memory."""

    spec: str
    content: bytes
    width: int
    height: int


def draw_missing(photo_id: int) -> int:
    """Draw and keep the renditions that a photo's present original lacks. Returns their number: 0 where it is gone."""
    photo = Photo.objects.filter(pk=photo_id).first()
    if photo is None:
        remove_strays(photo_id)
        return 0
    kept = photo.renditions.filter(source=photo.image.name).values_list("spec", flat=True)
    missing = [spec for spec in SPECS if spec not in set(kept)]
    drawn = draw(photo, missing) if missing else []
    with settling():
        keep(photo, drawn)
    return len(drawn)


def draw(photo: Photo, specs: Sequence[str]) -> list[Drawn]:
    """Draw renditions from the original: decoded once and small, the smaller ones made from the larger.

    Raises UnreadablePictureError, and OSError where the file itself cannot be read.
    """
    from PIL import Image  # noqa: PLC0415  the web process imports this module, and must not the library

    Image.MAX_IMAGE_PIXELS = (
        MOST_PIXELS  # the upload is checked; a file that was changed since is refused at twice this
    )
    try:
        with photo.image.open("rb") as file, Image.open(file, formats=list(FORMATS)) as image:
            return list(drawn_from(image, sorted(specs, key=lambda spec: -SPECS[spec])))
    except (OSError, Image.DecompressionBombError, SyntaxError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # the disk's: Pillow's own, UnidentifiedImageError among them, have no number
        raise UnreadablePictureError(f"photo {photo.pk}: {error}") from error


def drawn_from(image: "Image.Image", specs: Sequence[str]) -> Iterator[Drawn]:
    """Yield the renditions of an opened picture. The specs come largest first."""
    from PIL import Image, ImageOps  # noqa: PLC0415  as above

    image.draft("RGB", box(image.size, SPECS[specs[0]]))
    upright = ImageOps.exif_transpose(image)
    if upright.mode not in ("RGB", "RGBA"):
        upright = upright.convert("RGBA" if "transparency" in upright.info else "RGB")
    for spec in specs:
        upright = upright.resize(box(upright.size, SPECS[spec]), Image.Resampling.LANCZOS, reducing_gap=1.0)
        buffer = io.BytesIO()
        upright.save(buffer, FORMAT, quality=QUALITY)  # no exif: a place never leaves the original
        yield Drawn(spec, buffer.getvalue(), *upright.size)


def box(size: tuple[int, int], width: int) -> tuple[int, int]:
    """Return the exact size at that width, not enlarged. A box that is too tall keeps JPEG from shrinking on load."""
    width = min(width, size[0])
    return width, max(1, round(size[1] * width / size[0]))


def keep(photo: Photo, drawn: Sequence[Drawn]) -> None:
    """Write the files and their rows, in the transaction around.

    The photo's row is locked, here and where files are removed: a file is never removed while its row is on its way.
    A photo that was replaced or deleted meanwhile has jobs of its own: nothing is kept.
    """
    present = Photo.objects.select_for_update().filter(pk=photo.pk).first()
    if present is None or present.image.name != photo.image.name:
        remove_strays(photo.pk)
        return
    remove_strays(photo.pk)
    for rendition in photo.renditions.exclude(source=photo.image.name):
        rendition.delete()  # one by one: its receiver has the file removed
    for each in drawn:
        digest = hashlib.sha256(each.content).hexdigest()[:24]
        name = default_storage.save(f"photos/{photo.pk}/{each.spec}-{digest}.{FORMAT}", ContentFile(each.content))
        Rendition.objects.create(
            photo=photo,
            spec=each.spec,
            format=FORMAT,
            source=str(photo.image.name),
            file=name,
            width=each.width,
            height=each.height,
            bytes=len(each.content),
        )


def remove_strays(photo_id: int) -> None:
    """Remove a photo's files that no row names: a drawing that was cut off before its commit left them.

    The photo's row is locked, or gone: whoever draws it writes its files under that lock.
    """
    named = set(Rendition.objects.filter(photo_id=photo_id).values_list("file", flat=True))
    try:
        _, files = default_storage.listdir(f"photos/{photo_id}")
    except FileNotFoundError:  # nothing was drawn yet
        return
    for name in files:
        if (path := f"photos/{photo_id}/{name}") not in named:
            default_storage.delete(path)


def remove(names: Sequence[str], photo_id: int) -> None:
    """Remove the files that no row names any more, in the transaction around."""
    list(Photo.objects.select_for_update().filter(pk=photo_id))
    used = {*Photo.objects.filter(image__in=names).values_list("image", flat=True)}
    used |= {*Rendition.objects.filter(file__in=names).values_list("file", flat=True)}
    for name in names:
        if name not in used:
            default_storage.delete(name)
