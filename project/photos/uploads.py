"""What may be uploaded, told from the file's content and from its header: nothing is decoded in the web process."""

from typing import TYPE_CHECKING, Any, NamedTuple

from django.core.exceptions import ValidationError
from django.core.files.base import File

from project.photos import heic
from project.photos.parts import Counted, TooManyPartsError

if TYPE_CHECKING:
    from PIL import Image

# The decoders that are let near a file, by Pillow's names, and the endings of stored originals. All others, which are
# rarely looked at, and SVG, which is a program, stay out.
FORMATS = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp", "GIF": ".gif", "TIFF": ".tif", "HEIF": ".heic"}
SAME = {"MPO": "JPEG"}  # a JPEG with a second picture behind it, as phones write them
WORDS = "JPEG, PNG, WebP, GIF, TIFF or HEIC"
MOST_BYTES = 20_000_000
MOST_PIXELS = 50_000_000  # of a frame
MOST_PIXELS_IN_ALL = 150_000_000  # of all frames
MOST_FRAMES = 2_000
MOVING_PIXELS = 40_000_000  # of all frames; what has more keeps only a still
MOVES = ("GIF", "WEBP")
ORIENTATION = 0x0112  # EXIF's
ON_ITS_SIDE = (5, 6, 7, 8)


class UnreadablePictureError(ValueError):
    """The original is no picture, a damaged one, or one that takes too much: trying again will not mend it."""


class Header(NamedTuple):
    """What a picture's header says. width and height are those of the picture as it is shown, turned upright."""

    format: str
    width: int
    height: int
    frames: int = 1
    orientation: int = 1

    @property
    def moves(self) -> bool:
        """Whether its animation is kept."""
        return self.frames > 1 and self.frames * self.width * self.height <= MOVING_PIXELS


def check(upload: "File[Any]") -> Header:
    """Return the header of a picture that can be worked on. Raises ValidationError, in words for who uploaded it."""
    if not upload.size:
        raise ValidationError("The file is empty (0 bytes).")
    if upload.size > MOST_BYTES:
        raise ValidationError(f"The file has {upload.size:,} bytes; at most {MOST_BYTES:,} are taken.")
    header = read_header(upload)
    pixels = header.width * header.height
    if pixels > MOST_PIXELS:
        raise too_large()
    if header.frames > MOST_FRAMES or header.frames * pixels > MOST_PIXELS_IN_ALL:
        raise ValidationError(
            f"The animation is too long; at most {MOST_FRAMES:,} frames and {MOST_PIXELS_IN_ALL // 1_000_000} "
            "megapixels in all are taken."
        )
    return header


def too_large() -> ValidationError:
    """Return what is said of a picture that would take too much memory."""
    return ValidationError(f"The picture is too large; at most {MOST_PIXELS // 1_000_000} megapixels are taken.")


def read_header(upload: "File[Any]") -> Header:
    """Return what the file's header says. Raises ValidationError where it is no picture."""
    from PIL.Image import DecompressionBombError  # noqa: PLC0415  only who checks a picture needs the library

    upload.seek(0)
    try:
        if heic.is_heic(upload):
            return Header("HEIF", *heic.size(upload))
        with opened(Counted(upload)) as image:
            return header_of(image)
    except DecompressionBombError as error:
        raise too_large() from error
    except TooManyPartsError as error:
        raise ValidationError("The file is in too many parts; no picture needs so many.") from error
    except Exception as error:  # the decoders raise whatever they stumble over, on files made for that
        raise ValidationError(f"The file is not a {WORDS} picture, or it is damaged.") from error
    finally:
        upload.seek(0)


def opened(file: Any) -> "Image.Image":
    """Open a picture, of the kinds that are taken. Raises what Pillow does, for more than MOST_PIXELS too.

    A HEIC only where `decoding` has been imported, in a worker: see `heic`.
    """
    from PIL import Image  # noqa: PLC0415  as above

    # Pillow refuses twice this, before WebP's decoder takes memory for it, and warns of half of that.
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS // 2
    return Image.open(file, formats=[each for each in FORMATS if each in Image.OPEN or each != "HEIF"])


def header_of(image: "Image.Image") -> Header:
    """Return what an opened picture's header says."""
    kind = str(image.format)
    kind, turned = SAME.get(kind, kind), orientation_of(image)
    width, height = reversed(image.size) if turned in ON_ITS_SIDE else image.size
    return Header(kind, width, height, frames_of(image), turned)


def orientation_of(image: "Image.Image") -> int:
    """Return how the picture has to be turned, in EXIF's words. Pillow turns TIFF and HEIC itself."""
    if image.format in ("TIFF", "HEIF") or (image.format == "PNG" and "exif" not in image.info):
        return 1  # of a PNG Pillow would decode all, to look whether something comes behind the picture
    try:
        found = image.getexif().get(ORIENTATION, 1)
    except Exception:  # noqa: BLE001  what is no EXIF is none; the picture is what counts
        return 1
    return found if isinstance(found, int) and 1 <= found <= max(ON_ITS_SIDE) else 1


def frames_of(image: "Image.Image") -> int:
    """Return the number of frames, and of more than MOST_FRAMES one more than that."""
    if image.format not in MOVES:
        return 1  # the other pages of a TIFF, or pictures of a HEIC, are never looked at
    if image.format == "WEBP":
        return int(image.n_frames)  # type: ignore[attr-defined]
    try:
        for number in range(1, MOST_FRAMES + 1):
            # n_frames would look at all: a million empty ones take ten seconds. seek would decode each.
            image._seek(number, False)  # type: ignore[attr-defined]  # noqa: SLF001
    except EOFError:
        return number
    return MOST_FRAMES + 1
