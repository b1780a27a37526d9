"""What may be uploaded, told from the file's header: nothing is decoded in the web process."""

from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.core.files.base import File

FORMATS = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp"}
MOST_BYTES = 20_000_000
MOST_PIXELS = 50_000_000


class Header(NamedTuple):
    """What a picture's header says."""

    format: str
    width: int
    height: int


def check(upload: "File[Any]") -> Header:
    """Return the header of a picture that can be worked on. Raises ValidationError, in words for who uploaded it."""
    if not upload.size:
        raise ValidationError("The file is empty (0 bytes).")
    if upload.size > MOST_BYTES:
        raise ValidationError(f"The file has {upload.size:,} bytes; at most {MOST_BYTES:,} are taken.")
    header = read_header(upload)
    if header.width * header.height > MOST_PIXELS:
        raise ValidationError(
            f"The picture has {header.width:,} × {header.height:,} pixels; "
            f"at most {MOST_PIXELS // 1_000_000} megapixels are taken."
        )
    return header


def read_header(upload: "File[Any]") -> Header:
    """Return what the file's header says. Raises ValidationError where it is no picture."""
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415  only who checks a picture needs the library

    Image.MAX_IMAGE_PIXELS = None  # only the header is read, and `check` says its own limit in words
    upload.seek(0)
    try:
        with Image.open(upload, formats=list(FORMATS)) as image:
            return Header(str(image.format), *image.size)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise ValidationError("The file is not a JPEG, PNG or WebP picture, or it is damaged.") from error
    finally:
        upload.seek(0)
