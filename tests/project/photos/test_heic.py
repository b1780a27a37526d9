import io
import struct

import pytest
from django.core.files.base import ContentFile

from project.photos import heic
from project.photos.uploads import Header, check
from tests import samples
from tests.support import python


def box(kind, *parts):
    content = b"".join(parts)
    return struct.pack(">I", 8 + len(content)) + kind + content


def made(*, turns=0, long_ids=False, long_indexes=False):
    """Returns the header of a HEIC of 64 x 32 pixels whose primary picture is its second."""
    spans = [box(b"ispe", bytes(4), struct.pack(">II", *size)) for size in ((8, 8), (64, 32))]
    ids, index = (">I", ">H") if long_ids else (">H", ">H"), ">H" if long_indexes else ">B"
    important = 0x8000 if long_indexes else 0x80
    items = [(1, [1]), (2, [2, 3 | important])]
    entries = [
        struct.pack(ids[0], item) + bytes([len(mine)]) + b"".join(struct.pack(index, each) for each in mine)
        for item, mine in items
    ]
    ipma = box(b"ipma", bytes([long_ids, 0, 0, long_indexes]), struct.pack(">I", len(items)), *entries)
    properties = box(b"iprp", box(b"ipco", *spans, box(b"irot", bytes([turns]))), ipma)
    meta = box(b"meta", bytes(4), box(b"pitm", bytes([long_ids, 0, 0, 0]), struct.pack(ids[0], 2)), properties)
    return box(b"ftyp", b"heic", bytes(4), b"mif1") + meta


@pytest.mark.parametrize("long_ids", [False, True])
@pytest.mark.parametrize("long_indexes", [False, True])
@pytest.mark.parametrize(("turns", "size"), [(0, (64, 32)), (1, (32, 64)), (2, (64, 32)), (3, (32, 64))])
def test_the_size_is_the_primary_pictures_turned_upright(long_ids, long_indexes, turns, size):
    content = made(turns=turns, long_ids=long_ids, long_indexes=long_indexes)
    assert heic.size(io.BytesIO(content)) == size


def test_the_size_of_a_real_one_is_read():
    assert check(ContentFile(samples.HEIC)) == Header("HEIF", 64, 32)


def test_boxes_may_be_long_or_go_to_the_end():
    long = struct.pack(">I", 1) + b"free" + struct.pack(">Q", 16 + 3) + b"abc"
    last = struct.pack(">I", 0) + b"mdat" + b"rest"
    assert list(heic.boxes(long + last)) == [(b"free", b"abc"), (b"mdat", b"rest")]


@pytest.mark.parametrize("cut", range(12, len(made()), 7))
def test_what_is_cut_off_is_an_error(cut):
    with pytest.raises(ValueError, match=r"cut off|no size|no properties"):
        heic.size(io.BytesIO(made()[:cut]))


def test_a_picture_without_a_size_is_an_error():
    with pytest.raises(ValueError, match="no size"):
        heic.size(io.BytesIO(made().replace(b"ispe", b"ipse")))


def test_no_width_is_an_error():
    flat = made().replace(struct.pack(">II", 64, 32), struct.pack(">II", 64, 0))
    with pytest.raises(ValueError, match="no width"):
        heic.size(io.BytesIO(flat))


def test_a_picture_without_properties_is_an_error():
    with pytest.raises(ValueError, match="no properties"):
        heic.indexes(made()[made().index(b"ipma") + 4 :], 7)


CHECKED = """
import sys, project.urls, receivers.photos
from django.core.files.base import ContentFile
from project.photos.uploads import check
from tests import samples
print(check(ContentFile(samples.HEIC)).format, "pi_heif" in sys.modules)
"""


def test_the_web_process_never_loads_the_library_that_can_be_crashed():
    said = python(CHECKED)
    assert said == "HEIF False\n"
