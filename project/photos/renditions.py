"""Keeps renditions: what is missing is found by difference, drawn outside any transaction, then kept in one."""

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING

import structlog
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from project.jobs import settling
from project.photos.models import Photo, Rendition
from project.photos.specs import Wanted, folder
from project.photos.uploads import UnreadablePictureError

if TYPE_CHECKING:
    from project.photos import drawing

log = structlog.get_logger(__name__)

ORIGINALS = "photos/originals/"


def draw_missing(photo_id: int, *, later: bool = False) -> int:
    """Draw and keep the renditions that a photo's present original lacks. Returns their number: 0 where it is gone.

    later: those whose formats are for later; else the others. Raises UnreadablePictureError, and OSError where the file
    cannot be read.
    """
    photo = Photo.objects.prefetch_related("renditions").filter(pk=photo_id).first()
    lacking = [each for each in photo.lacking if each.format.later == later] if photo else []
    if photo is None or not lacking:
        return 0
    content = read(photo)
    drawn = draw(photo, content, lacking)
    with settling():
        keep(photo, hashlib.sha256(content).hexdigest(), drawn)
    return len(drawn)


def read(photo: Photo) -> bytes:
    """Return the original, read once: what is drawn, and its name, are then of the same bytes whoever changes it."""
    with photo.image.open("rb") as file:
        return bytes(file.read())


def draw(photo: Photo, content: bytes, lacking: Sequence[Wanted]) -> "list[drawing.Drawn]":
    """Draw renditions, but those that an equal original has already; an animation that cannot be drawn stands still."""
    from project.photos.drawing import draw as draw_all  # noqa: PLC0415  the web process imports this module, and must
    from project.photos.drawing import preview as seen  # noqa: PLC0415  not the library

    if not photo.preview and (preview := seen(content)):
        # At once, for the page: the renditions take a second, and more of them come later.
        Photo.objects.filter(pk=photo.pk, image=photo.image.name).update(preview=preview)
    found = shared(hashlib.sha256(content).hexdigest(), lacking)
    rest = [each for each in lacking if each not in {one.wanted for one in found}]
    try:
        return [*found, *draw_all(content, rest)]
    except UnreadablePictureError as error:
        if not any(each.spec.moves for each in rest):
            raise
        log.info("animation_stands_still", photo=photo.pk, error=str(error))
    # A frame behind the first one is damaged, or claims too much.
    Photo.objects.filter(pk=photo.pk, image=photo.image.name).update(moves=False)
    return [*found, *draw_all(content, [each for each in rest if not each.spec.moves])]


def shared(digest: str, lacking: Iterable[Wanted]) -> "list[drawing.Drawn]":
    """Return what has been drawn of an equal original. It is written anew: the other photo may go meanwhile."""
    from project.photos.drawing import Drawn  # noqa: PLC0415  as above

    by_name = {each.name(digest): each for each in lacking}
    rows = {str(row.file.name): row for row in Rendition.objects.filter(file__in=by_name)}
    found = []
    for name, row in rows.items():
        try:
            with default_storage.open(name, "rb") as file:
                found.append(Drawn(by_name[name], bytes(file.read()), row.width, row.height))
        except FileNotFoundError:  # it went meanwhile: it is drawn
            continue
    return found


def keep(photo: Photo, digest: str, drawn: "Sequence[drawing.Drawn]") -> None:
    """Write the files and their rows, in the transaction around.

    The photo's row is locked, here and where files are removed, and so are the files of equal originals: none is
    removed while its row is on its way. A photo that was replaced or deleted meanwhile has jobs of its own.
    """
    present = Photo.objects.select_for_update().filter(pk=photo.pk).first()
    if present is None or present.image.name != photo.image.name:
        return
    lock([digest])
    replaced = {(each.wanted.spec.name, each.wanted.format.name) for each in drawn}
    names = {each.spec.name for each in photo.wanted}
    for rendition in photo.renditions.all():
        is_old = rendition.source != photo.image.name or rendition.spec not in names
        if is_old or (rendition.spec, rendition.format) in replaced:
            rendition.delete()  # one by one: its receiver has the file removed
    for one in drawn:
        name = default_storage.save(one.wanted.name(digest), ContentFile(one.content))
        Rendition.objects.create(
            photo=photo,
            spec=one.wanted.spec.name,
            format=one.wanted.format.name,
            recipe=one.wanted.recipe,
            source=str(photo.image.name),
            file=name,
            width=one.width,
            height=one.height,
            bytes=len(one.content),
        )


def lock(digests: Iterable[str]) -> None:
    """Wait until nobody else keeps or removes renditions of these originals, and let nobody until the transaction ends.

    SQLite has one writer at a time, from the beginning of its transaction.
    """
    connection = transaction.get_connection()
    if connection.vendor == "postgresql":
        keys = sorted(int.from_bytes(hashlib.sha256(each.encode()).digest()[:8], signed=True) for each in digests)
        with connection.cursor() as cursor:
            for key in dict.fromkeys(keys):  # in order, so that two who want the same ones never wait for each other
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])


def remove(names: Sequence[str], photo_id: int) -> None:
    """Remove the files that no row names any more, and what was drawn of these originals and never kept."""
    folders = {str(PurePath(name).parent) for name in names if not name.startswith(ORIGINALS)}
    folders |= {folder(digest) for name in names if name.startswith(ORIGINALS) and (digest := digest_of(name))}
    with settling():
        list(Photo.objects.select_for_update().filter(pk=photo_id))
        lock(PurePath(each).name for each in folders)
        strays = [f"{each}/{name}" for each in folders for name in files_in(each)]
        for name in unnamed([*strays, *names]):
            default_storage.delete(name)


def digest_of(name: str) -> str:
    """Return the SHA-256 of a stored file, or nothing where it is gone."""
    try:
        with default_storage.open(name, "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()
    except FileNotFoundError:
        return ""


def files_in(path: str) -> list[str]:
    """Return the names of the files in a folder, of which there may be none yet."""
    try:
        return default_storage.listdir(path)[1]
    except FileNotFoundError:
        return []


def unnamed(names: Sequence[str]) -> list[str]:
    """Return the names that stand in no row. Half-written files are another's: they are swept when they are old."""
    used = {*Photo.objects.filter(image__in=names).values_list("image", flat=True)}
    used |= {*Rendition.objects.filter(file__in=names).values_list("file", flat=True)}
    return [name for name in dict.fromkeys(names) if name not in used and not PurePath(name).name.startswith(".")]
