"""Counts the files: each rendition is opened and compared with its photo, each PDF with its name and its invoice."""

import hashlib
import io
import os
from collections import defaultdict

from PIL import Image, UnidentifiedImageError
from pypdf import PdfReader

from project.orders.invoices import name_of
from project.orders.models import Invoice
from project.pages.sweeping import sweep
from project.photos.models import Photo, Rendition
from tests.faults import pictures
from tests.faults.verdict import FILES, UNDONE

WIDTHS = {"small": 160, "medium": 480, "large": 1200, "huge": 1280}
FORMATS = ("avif", "jpeg", "webp")
READ = 25  # PDFs that are read; each takes a while, and all are compared with their names


def count(media, findings):
    before = stored(media)
    swept(media)
    named = {*renditions(media, findings), *invoices(media, findings)}
    originals = set(Photo.objects.values_list("image", flat=True))
    findings.add(FILES, [f"original {name} is missing" for name in originals - stored(media)])
    findings.add(FILES, [f"{name} is left by the sweep" for name in stored(media) - named - originals])
    rest = before - named - originals
    unfinished = {name for name in rest if "/.writing-" in name}
    unused = {name for name in rest - unfinished if name.startswith("photos/originals/")}
    findings.add(FILES, [f"{name} is an orphan" for name in rest - unfinished - unused])
    findings.notes["originals without a row, for the sweep"] = len(unused)
    findings.notes["unfinished files, for the sweep"] = len(unfinished)


def stored(media):
    return {str(path.relative_to(media)) for path in media.rglob("*") if path.is_file()}


def swept(media):
    """Sweep as is done at night, with all files grown old: what is in use must be there afterwards, nothing else."""
    for name in stored(media):
        os.utime(media / name, (0, 0))
    sweep()


def renditions(media, findings):
    """Check each photo's renditions. Yields the files' names."""
    by_photo = defaultdict(list)
    for each in Rendition.objects.all():
        by_photo[each.photo_id].append(each)
    for photo in Photo.objects.all():
        mine = by_photo[photo.pk]
        found = sorted((each.spec, each.format) for each in mine)
        if found != sorted((spec, form) for spec in WIDTHS for form in FORMATS):
            findings.add(FILES, [f"photo {photo.pk} has {found}"])
        findings.add(FILES, [f"photo {photo.pk}: {wrong}" for each in mine if (wrong := defect(media, photo, each))])
        yield from (each.file.name for each in mine)


def defect(media, photo, rendition):
    """Return what is wrong with a rendition, if anything. Its name tells of its original, and equal ones share it."""
    if rendition.source != photo.image.name:
        return f"{rendition.spec} is another picture's"
    original = media / photo.image.name
    if original.is_file() and hashlib.sha256(original.read_bytes()).hexdigest() not in rendition.file.name:
        return f"{rendition.spec} is not of what its name says"
    try:
        content = (media / rendition.file.name).read_bytes()
        with Image.open(io.BytesIO(content)) as image:
            image.load()
            width = WIDTHS[rendition.spec]
            size = width, round(pictures.SIZE[1] * width / pictures.SIZE[0])
            if (image.format.lower(), image.size) != (rendition.format, size):
                return f"{rendition.spec} is {image.format} of the size {image.size}"
            if not pictures.shows(image, photo.title):
                return f"{rendition.spec} shows another picture"
    except (FileNotFoundError, UnidentifiedImageError, OSError) as error:
        return f"{rendition.spec}: {error}"
    return None if len(content) == rendition.bytes else f"{rendition.spec} is not whole"


def invoices(media, findings):
    """Check each invoice's PDF. Yields the files' names."""
    for number, invoice in enumerate(Invoice.objects.select_related("series", "order")):
        if not invoice.pdf:
            findings.add(UNDONE, [f"invoice {invoice} has no PDF"])
            continue
        yield invoice.pdf.name
        path = media / invoice.pdf.name
        content = path.read_bytes() if path.is_file() else b""
        if name_of(content) != invoice.pdf.name:
            findings.add(FILES, [f"the PDF of {invoice} is torn or missing"])
        elif number < READ and str(invoice) not in PdfReader(io.BytesIO(content)).pages[0].extract_text():
            findings.add(FILES, [f"the PDF of {invoice} does not name it"])
