"""Draws renditions from an original's bytes with Pillow: decoded once and small, the smaller ones from the larger."""

import base64
import io
import struct
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from PIL import Image, ImageOps

from project.photos.decoding import CLEAR, GAP, as_stored, finished, upright
from project.photos.memory import ceiling
from project.photos.specs import Spec, Wanted
from project.photos.uploads import MOST_FRAMES, Header, UnreadablePictureError, header_of, opened

PREVIEW = 16  # pixels of width
FRAME = 100  # milliseconds where an animation says none, as browsers have it
# What Pillow and its decoders raise over files that were made for that.
DAMAGE = (
    ArithmeticError,
    AttributeError,
    EOFError,
    Image.DecompressionBombError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A rendition in memory."""

    wanted: Wanted
    content: bytes
    width: int
    height: int


def draw(content: bytes, wanted: Sequence[Wanted]) -> list[Drawn]:
    """Return what is wanted of a picture. Raises UnreadablePictureError."""
    with careful():
        stills = [each for each in wanted if not each.spec.moves]
        moving = [draw_moving(content, each) for each in wanted if each.spec.moves]
        return [*(draw_stills(content, stills) if stills else ()), *moving]


@contextmanager
def careful() -> Iterator[None]:
    """Keep the memory of what is inside under a ceiling, and take what goes wrong there for the picture's fault.

    The bytes are in memory already, so it is not the disk's. What comes from outside passes: a time limit, an exit.
    """
    try:
        with ceiling():
            yield
    except DAMAGE as error:
        raise UnreadablePictureError(f"{type(error).__name__}: {error}"[:300]) from error


def preview(content: bytes) -> str:
    """Return a few bytes of a picture as a data URI, to be shown blurred until it is there. Raises as `draw`.

    Empty where it is transparent: it would be seen through the picture.
    """
    with careful():
        image = upright(content, [Spec(name="preview", width=PREVIEW)])
        return "" if image.mode in CLEAR else as_uri(image)


def as_uri(image: Image.Image) -> str:
    """Return a small picture as a data URI."""
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=30, method=4)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode()


def draw_stills(content: bytes, wanted: Sequence[Wanted]) -> Iterator[Drawn]:
    """Yield what is wanted of a picture that stands still."""
    made = images(content, {each.spec for each in wanted})
    for each in wanted:
        image = made[each.spec]
        buffer = io.BytesIO()
        opaque(image, each).save(buffer, each.format.name, **each.format.options)
        yield Drawn(each, buffer.getvalue(), *image.size)


def images(content: bytes, specs: Collection[Spec]) -> dict[Spec, Image.Image]:
    """Return a picture by each spec, before it is encoded: the largest first, each next one made from it."""
    whole = smaller = upright(content, specs)
    made = {}
    for spec in sorted(specs, key=lambda spec: -spec.width):
        made[spec] = fitted(whole if spec.crop else smaller, spec)
        smaller = smaller if spec.crop else made[spec]
    return made


def fitted(image: Image.Image, spec: Spec) -> Image.Image:
    """Return the picture at the size of the spec."""
    if spec.crop:
        size = min(spec.width, image.width), min(spec.height, image.height)
        return ImageOps.fit(image, size, Image.Resampling.LANCZOS)
    size = spec.box(image.size)
    return image if size == image.size else image.resize(size, Image.Resampling.LANCZOS, reducing_gap=GAP)


def opaque(image: Image.Image, wanted: Wanted) -> Image.Image:
    """Return the picture as its format can have it: JPEG knows no transparency, so it is laid on white."""
    if image.mode != "RGBa":
        return image
    clear = image.convert("RGBA")
    if wanted.format.name != "jpeg":
        return clear
    ground = Image.new("RGB", clear.size, "white")
    ground.paste(clear, mask=clear)
    return ground


def draw_moving(content: bytes, wanted: Wanted) -> Drawn:
    """Return the animation with all its frames, smaller."""
    with opened(io.BytesIO(content)) as image:
        loop, header = int(image.info.get("loop", 1)), header_of(image)
        size = wanted.spec.box((header.width, header.height))
        frames, waits = zip(*frames_of(image, header, size), strict=True)
    buffer = io.BytesIO()
    options = {"append_images": frames[1:], "duration": waits, "loop": loop, **wanted.format.options}
    frames[0].save(buffer, wanted.format.name, save_all=True, **options)
    return Drawn(wanted, buffer.getvalue(), *size)


def frames_of(image: Image.Image, header: Header, size: tuple[int, int]) -> Iterator[tuple[Image.Image, int]]:
    """Yield the frames of an opened animation at a size, each with its time in milliseconds. Raises ValueError."""
    stored, whole = as_stored(size, header), as_stored((header.width, header.height), header)
    for number in range(MOST_FRAMES):
        try:
            image.seek(number)
        except EOFError:
            return
        if image.size != whole:  # a GIF's frame may claim more than was counted when it was uploaded
            raise ValueError("a frame is larger than the picture")
        frame = image.convert("RGBA").convert("RGBa").resize(stored, Image.Resampling.LANCZOS, reducing_gap=GAP)
        frame = finished(frame, header, image.info.get("icc_profile"))
        yield frame.convert("RGBA"), int(image.info.get("duration") or FRAME)
