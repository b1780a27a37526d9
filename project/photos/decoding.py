"""Decodes an original with Pillow, no larger than needed: upright, in sRGB, without metadata."""

import io
from collections.abc import Collection
from contextlib import suppress

from pi_heif import register_heif_opener
from PIL import Image, ImageCms, ImageMath

from project.photos.specs import Spec
from project.photos.uploads import ON_ITS_SIDE, Header, header_of, opened

register_heif_opener()
GAP = 1.5  # how much larger than asked for the fast first step leaves it: at 1.0 it is seen, SSIM 0.993 to 0.996
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
CLEAR = ("RGBA", "RGBa", "LA", "PA", "La")
SRGB = ImageCms.createProfile("sRGB")


def upright(content: bytes, specs: Collection[Spec]) -> Image.Image:
    """Return the picture in RGB or RGBa, turned upright, in sRGB, without metadata, just large enough for the specs."""
    with opened(io.BytesIO(content)) as image:
        header = header_of(image)
        if image.format == "GIF":
            image.seek(0)
        stored = as_stored(largest(header, specs), header)
        image.draft(None, stored)
        small = simple(image)
        if small.size != stored:
            small = small.resize(stored, Image.Resampling.LANCZOS, reducing_gap=GAP)
        return finished(small, header, image.info.get("icc_profile"))


def finished(small: Image.Image, header: Header, profile: bytes | None) -> Image.Image:
    """Return a picture as it was stored turned upright, in sRGB, without metadata."""
    if header.orientation in TURNS:
        small = small.transpose(TURNS[header.orientation])
    small = in_srgb(small, profile)
    small.info = {}  # a place never leaves the original, nor does a comment
    return small


def as_stored(size: tuple[int, int], header: Header) -> tuple[int, int]:
    """Return the size of the picture before it is turned upright, or of one upright before it was."""
    return size[::-1] if header.orientation in ON_ITS_SIDE else size


def largest(header: Header, specs: Collection[Spec]) -> tuple[int, int]:
    """Return the size from which all of the specs can be made."""
    size = header.width, header.height
    boxes = [spec.cover(size) if spec.crop else spec.box(size) for spec in specs]
    return max(width for width, _ in boxes), max(height for _, height in boxes)


def simple(image: Image.Image) -> Image.Image:
    """Return the picture in a mode that can be made smaller: RGB, CMYK, L, or RGBa, its colours times its opacity."""
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        return eight_bits(image)
    if image.mode in CLEAR or "transparency" in image.info:
        return image.convert("RGBA").convert("RGBa")
    if image.mode in ("RGB", "CMYK", "L"):
        image.load()
        return image
    return image.convert("RGB")


def eight_bits(image: Image.Image) -> Image.Image:
    """Return grey of more than 8 bits in 8: Pillow's own conversion cuts off what is above 255."""
    clear = image.info.get("transparency")
    if image.mode.startswith("I;16"):
        low, high = 0.0, 65535.0
        image = image.convert("I")
    else:
        image.load()
        low, high = image.getextrema()  # type: ignore[assignment]
    scale = 255 / ((high - low) or 1)
    grey = image.point(lambda value: value * scale - low * scale).convert("L")
    if not isinstance(clear, int):
        return grey
    # Which grey it is that is seen through only all of its bits tell.
    grey.putalpha(ImageMath.lambda_eval(lambda of: of["convert"]((of["grey"] != clear) * 255, "L"), grey=image))
    return grey.convert("RGBA").convert("RGBa")


def in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Return the picture in RGB or RGBa, its colours converted from its own profile."""
    if image.mode == "RGBa" and profile:
        clear = image.convert("RGBA")
        colours = converted(clear.convert("RGB"), profile)
        colours.putalpha(clear.getchannel("A"))
        return colours.convert("RGBa")
    if profile:
        image = converted(image, profile)
    return image if image.mode in ("RGB", "RGBa") else image.convert("RGB")


def converted(image: Image.Image, profile: bytes) -> Image.Image:
    """Return the picture in sRGB, or as it is where that is its profile, or none, or a damaged one."""
    with suppress(ImageCms.PyCMSError, OSError):
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if not ImageCms.getProfileDescription(source).startswith("sRGB"):
            return ImageCms.profileToProfile(image, source, SRGB, outputMode="RGB") or image
    return image
