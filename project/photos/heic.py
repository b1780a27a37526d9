"""Reads a HEIC's header: without its library, which files that were made for that can crash (ISO 14496-12, 23008-12).

Where the library is needed, in a worker, a crash costs a job and not the site.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
HEAD = 1_000_000  # bytes; of a phone's picture, the boxes before the data take 4 KB
MOST_BOXES = 10_000


class Box(NamedTuple):
    """A part of the file, and the boxes of some parts: `meta`, `iprp` and `ipco`."""

    kind: bytes
    content: bytes


def is_heic(file: Any) -> bool:
    """Tell whether a file says that it is one."""
    file.seek(0)
    start = file.read(12)
    file.seek(0)
    return start[4:8] == b"ftyp" and start[8:12] in BRANDS


def size(file: Any) -> tuple[int, int]:
    """Return the width and height of a HEIC's primary picture, turned upright. Raises ValueError."""
    top = dict(boxes(file.read(HEAD)))
    meta = dict(boxes(top.get(b"meta", b"")[4:]))
    made_of = dict(boxes(meta.get(b"iprp", b"")))
    properties = list(boxes(made_of.get(b"ipco", b"")))
    mine = [properties[index - 1] for index in indexes(made_of.get(b"ipma", b""), primary(meta.get(b"pitm", b"")))]
    turns = [number(box.content, 0, 1) & 3 for box in mine if box.kind == b"irot"]
    width, height = cut_out([box.content for box in mine if box.kind == b"clap"]) or span(mine)
    if not width or not height:
        raise ValueError("the picture has no width or no height")
    return (height, width) if sum(turns) % 2 else (width, height)


def span(properties: list[Box]) -> tuple[int, int]:
    """Return how large the picture is stored."""
    for box in properties:
        if box.kind == b"ispe":
            return number(box.content, 4, 4), number(box.content, 8, 4)
    raise ValueError("the picture has no size")


def cut_out(apertures: list[bytes]) -> tuple[int, int] | None:
    """Return how much of it is shown, where that is less: encoders fill up blocks."""
    for each in apertures:
        width, wide, height, high = (number(each, at, 4) for at in (0, 4, 8, 12))
        return round(width / max(1, wide)), round(height / max(1, high))
    return None


def boxes(content: bytes) -> Iterator[Box]:
    """Yield the boxes one after another, up to one that makes no sense."""
    at = 0
    for _ in range(MOST_BOXES):
        if at + 8 > len(content):
            return
        length, kind, head = number(content, at, 4), content[at + 4 : at + 8], 8
        if length == 1:
            length, head = number(content, at + 8, 8), 16
        length = length or len(content) - at
        if length < head:
            return
        yield Box(kind, content[at + head : at + length])
        at += length


def primary(content: bytes) -> int:
    """Return the number of the picture that the file is about."""
    return number(content, 4, 4 if content[:1] > b"\0" else 2)


def indexes(content: bytes, item: int) -> list[int]:
    """Return which properties an item has, counted from 1."""
    long_ids, long_indexes = content[:1] > b"\0", bool(number(content, 1, 3) & 1)
    at, wide, narrow = 8, 4 if long_ids else 2, 2 if long_indexes else 1
    for _ in range(min(number(content, 4, 4), MOST_BOXES)):
        count, start = number(content, at + wide, 1), at + wide + 1
        if number(content, at, wide) == item:
            mask = 0x7FFF if long_indexes else 0x7F  # the first bit says that it must be understood
            found = [number(content, start + narrow * each, narrow) & mask for each in range(count)]
            return [index for index in found if index]
        at = start + narrow * count
    raise ValueError("the picture has no properties")


def number(content: bytes, at: int, length: int) -> int:
    """Return a number of so many bytes. Raises ValueError behind the end."""
    found = content[at : at + length]
    if len(found) < length:
        raise ValueError("the header is cut off")
    return int.from_bytes(found)
