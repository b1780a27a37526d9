import struct
import zlib

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile

from project.photos.uploads import check


def png_header(width, height):
    """Returns a PNG that claims a size and holds nothing."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    start = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return start + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "TIFF"])
def test_a_picture_is_taken_by_its_content_whatever_its_name(picture, kind):
    header = check(ContentFile(picture(20, 10, kind), name="x.exe"))
    assert header[:3] == (kind, 20, 10)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"no picture", "not a JPEG, PNG, WebP, GIF, TIFF or HEIC"),
        (b"\xff\xd8\xff", "not a JPEG, PNG, WebP, GIF, TIFF or HEIC"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a JPEG, PNG, WebP, GIF, TIFF or HEIC"),
        (b"x" * 20_000_001, "20,000,001 bytes; at most 20,000,000"),
        (png_header(50_000, 50_000), "at most 50 megapixels"),
        (png_header(10_000, 10_000), "at most 50 megapixels"),
        (png_header(0, 10), "not a JPEG, PNG, WebP, GIF, TIFF or HEIC"),
    ],
    ids=["empty", "text", "cut", "svg", "large", "huge", "big", "flat"],
)
def test_what_cannot_be_worked_on_is_refused_in_words(content, words):
    with pytest.raises(ValidationError, match=words):
        check(ContentFile(content, name="a.png"))


def test_the_kinds_that_are_not_taken_are_refused(picture):
    with pytest.raises(ValidationError, match="not a JPEG, PNG, WebP, GIF, TIFF or HEIC"):
        check(ContentFile(picture(20, 10, "BMP"), name="a.jpg"))
