"""Files that mean no good: at most they are refused in words, or their job fails. Nobody else notices."""

import faulthandler
import io
import os
import random
import re
import resource
import threading
import time
import zlib
from contextlib import suppress

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from project.jobs.models import Job
from project.photos import drawing, memory, parts, renditions
from project.photos.addresses import address
from project.photos.models import Photo
from project.photos.specs import FORMATS, MOVING, Spec, Wanted, wanted
from project.photos.uploads import UnreadablePictureError, check
from tests import samples
from tests.support import python

# Pillow tells whoever programs with it what is odd about a file; here it would be an error and hide what comes of it.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")

SMALL = Wanted(Spec(name="small", width=160), FORMATS[1])
# How often each kind is damaged: 1,000 times takes some minutes.
MUTATIONS = int(os.environ.get("MUTATIONS", "25"))
LONGEST = 2.0  # seconds, for a small picture however it is damaged


def said_of(content, name="a.jpg"):
    with pytest.raises(ValidationError) as refused:
        check(ContentFile(content, name=name))
    return refused.value.messages[0]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (samples.png(50_000, 50_000), "at most 50 megapixels"),
        (samples.webp_bomb(), "at most 50 megapixels"),
        (samples.gif_of_frames(3000), "at most 2,000 frames"),
        (samples.gif_of_frames(40, 2000, 2000), "150 megapixels in all"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "not a JPEG"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not a JPEG"),
        (b"\x89PNG\r\n\x1a\n" + b"\xff" * 1000, "not a JPEG"),
    ],
    ids=["pixels", "a canvas of 2 GB", "frames", "pixels of all frames", "SVG", "PostScript", "chunks"],
)
def test_what_would_take_too_much_is_refused_by_its_header(content, words):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert words in said_of(content)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60_000, "kilobytes"


def test_a_million_frames_are_not_all_looked_at():
    began = time.perf_counter()
    assert "at most 2,000 frames" in said_of(samples.gif_of_frames(1_000_000))
    assert time.perf_counter() - began < LONGEST


class Watched(io.BytesIO):
    """Knows how often it was read, and how much of it."""

    reads = bytes_read = 0

    def read(self, size=-1):
        found = super().read(size)
        self.reads, self.bytes_read = self.reads + 1, self.bytes_read + len(found)
        return found


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF"])
def test_a_header_without_end_is_not_read_to_its_end(kind):
    assert check(File(Watched(samples.in_parts(kind, 1000)), name="a")).format == kind
    endless = Watched(samples.in_parts(kind, 1_000_000))
    with pytest.raises(ValidationError, match="too many parts"):
        check(File(endless, name="a"))
    assert endless.reads < parts.MOST_READS + 10


def test_a_picture_is_not_decoded_to_be_taken():
    file = Watched(samples.png_bomb())
    assert check(File(file, name="a.png")).width == 7000
    assert file.bytes_read < 1000


def test_a_frame_that_is_larger_than_its_animation_is_not_decoded():
    content = samples.gif_of_frames(90, frame=(7000, 7000))
    assert check(ContentFile(content, name="a.gif")).moves
    with pytest.raises(UnreadablePictureError, match="larger than the picture"):
        drawing.draw(content, [Wanted(Spec(name="moving", width=480, moves=True), MOVING[0])])


def test_an_animation_that_cannot_be_drawn_stands_still(ada, work):
    photo = Photo(owner=ada, title="x", image=ContentFile(samples.gif_of_frames(90, frame=(7000, 7000)), name="a.gif"))
    photo.save()
    work()
    photo = Photo.objects.get()
    assert (photo.moves, photo.lacking) == (False, [])
    assert {each.format for each in photo.present} == {"jpeg", "webp", "avif"}


def test_text_that_unpacks_to_gigabytes_is_not_unpacked():
    text = b"zTXt", b"Comment\0\0" + zlib.compress(bytes(60_000_000), 9)
    began = time.perf_counter()
    said_of(samples.png(10, 10, b"", text))
    assert time.perf_counter() - began < LONGEST


def test_a_bomb_of_as_many_pixels_as_are_taken_is_drawn_within_the_ceiling():
    content = samples.png_bomb()
    assert len(content) < 200_000
    assert check(ContentFile(content)).width == 7000
    (made,) = drawing.draw(content, [SMALL])
    assert (made.width, made.height) == (160, 160)


# In a process of its own: what this one has freed it may use again, whatever the ceiling.
TOO_MUCH = """
from project.photos import drawing, memory
from project.photos.specs import FORMATS, Spec, Wanted
from tests import samples

small = Wanted(Spec(name="small", width=160), FORMATS[1])
drawing.ceiling = lambda: memory.ceiling(64 * 2**20)
for content in (samples.png_bomb(), samples.of("JPEG")):
    try:
        print(len(drawing.draw(content, [small])))
    except drawing.UnreadablePictureError as error:
        print(error)
"""


def test_what_asks_for_more_memory_than_it_may_have_is_an_error_and_the_next_is_drawn():
    assert re.fullmatch(r"MemoryError: .*\n1\n", python(TOO_MUCH))


def test_the_ceiling_is_lifted_afterwards():
    before = resource.getrlimit(resource.RLIMIT_AS)
    with memory.ceiling():
        assert resource.getrlimit(resource.RLIMIT_AS) != before
    assert resource.getrlimit(resource.RLIMIT_AS) == before


def test_a_truncated_picture_is_an_error():
    whole = samples.encoded(Image.effect_noise((900, 600), 90), "JPEG")
    assert check(ContentFile(whole[: len(whole) // 2])).width == 900, "the header is whole"
    with pytest.raises(UnreadablePictureError, match="truncated"):
        drawing.draw(whole[: len(whole) // 2], [SMALL])


def test_a_polyglot_is_a_picture_and_nothing_else_of_it_is_served(client, ada, work):
    client.force_login(ada)
    client.post("/photos/new/", {"title": "x", "image": SimpleUploadedFile("x.html", samples.polyglot(), "text/html")})
    work()
    photo = Photo.objects.get()
    assert photo.image.name.endswith(".jpg")
    for each in photo.renditions.all():
        assert b"alert" not in each.file.read()
        each.file.close()
        answer = client.get(address(each))
        assert answer.getvalue()
        assert answer["Content-Type"] == f"image/{each.format}"
        assert answer["X-Content-Type-Options"] == "nosniff"


def test_an_exif_bomb_is_no_exif():
    began = time.perf_counter()
    assert check(ContentFile(samples.exif_bomb())).orientation == 1
    assert drawing.draw(samples.exif_bomb(), [SMALL])
    assert time.perf_counter() - began < LONGEST


@pytest.mark.parametrize("size", [(1, 65_535), (65_535, 1)])
def test_a_picture_of_one_line_is_drawn(size):
    content = samples.encoded(Image.new("RGB", size), "PNG")
    header = check(ContentFile(content))
    made = drawing.draw(content, [each for each in wanted(header.width, moves=False) if not each.format.later])
    assert {(each.width > 0, each.height > 0) for each in made} == {(True, True)}


def test_a_file_that_changes_while_it_is_read_is_drawn_as_it_was_read_or_not_at_all(photo, picture, monkeypatch):
    """The name of what is drawn tells of the bytes that were read, whatever is in the file afterwards."""
    photo.image.storage.save(photo.image.name, ContentFile(b"\xff\xd8half, then another"))
    with pytest.raises(UnreadablePictureError):
        renditions.draw_missing(photo.pk)

    read = renditions.read

    def change_meanwhile(one):
        content = read(one)
        photo.image.storage.save(photo.image.name, ContentFile(picture(900, 300)))
        return content

    photo.image.storage.save(photo.image.name, ContentFile(picture(800, 800)))
    monkeypatch.setattr(renditions, "read", change_meanwhile)
    renditions.draw_missing(photo.pk)
    assert photo.renditions.get(spec="small", format="webp").height == 160


def mutated(content, number):
    """Returns the bytes, some of the first ones changed, cut or doubled: which, the number decides."""
    dice = random.Random(number)
    damaged = bytearray(content)
    head = len(damaged) if number % 3 else 64
    for _ in range(dice.randint(1, 6)):
        at = dice.randrange(min(head, len(damaged)))
        act = dice.randrange(4)
        if act == 0:
            damaged[at] = dice.randrange(256)
        elif act == 1:
            damaged[at : at + 4] = dice.choice([b"\xff\xff\xff\xff", bytes(4), b"\x7f\xff\xff\xff", b"\x80\0\0\0"])
        elif act == 2:
            del damaged[at : at + dice.randint(1, 8)]
        else:
            damaged[at:at] = damaged[: dice.randint(1, 32)]
    return bytes(damaged)


def draw_in_a_child(content):
    """Draws in a process of its own, as a worker does: its library can be crashed, which costs a job and no more."""
    child = os.fork()
    if not child:
        faulthandler.disable()  # it would tell of the crash at length
        with suppress(UnreadablePictureError):
            drawing.draw(content, [SMALL])
        os._exit(0)
    os.waitpid(child, 0)


@pytest.mark.parametrize("kind", samples.KINDS)
def test_damaged_headers_are_refused_or_drawn_and_nothing_hangs(kind):
    content, taken = samples.of(kind), 0
    for number in range(MUTATIONS):
        damaged = mutated(content, number)
        began = time.perf_counter()
        with suppress(ValidationError, UnreadablePictureError):
            header = check(ContentFile(damaged))
            taken += 1
            if kind == "HEIF":
                draw_in_a_child(damaged)
            else:
                drawing.draw(damaged, wanted(header.width, moves=header.moves))
        assert time.perf_counter() - began < LONGEST, f"{kind} {number}"
    assert taken, "none came as far as the drawing"


def test_damaged_headers_are_answered_by_the_site_and_their_jobs_end(client, ada, run):
    client.force_login(ada)
    for number in range(MUTATIONS):
        for kind in samples.KINDS:
            damaged = SimpleUploadedFile("a.jpg", mutated(samples.of(kind), number))
            answer = client.post("/photos/new/", {"title": "x", "image": damaged})
            assert answer.status_code in (200, 302)
    drawn_elsewhere = [photo.pk for photo in Photo.objects.all() if photo.image.name.endswith(".heic")]
    Job.objects.filter(kwargs__photo_id__in=drawn_elsewhere).delete()
    for job in Job.objects.filter(queue="thumbnails", state="waiting"):
        with suppress(UnreadablePictureError):  # settled, and told to Celery
            run(job)
        job.refresh_from_db()
        assert job.state in ("succeeded", "failed")
    assert client.get("/photos/").status_code == 200


def test_only_pictures_that_are_seen_count_as_frames():
    buffer = io.BytesIO()
    Image.new("RGB", (4, 4)).save(buffer, "TIFF", save_all=True, append_images=[Image.new("RGB", (5, 5))] * 3)
    assert check(ContentFile(buffer.getvalue())).frames == 1


def test_there_is_no_ceiling_in_a_thread_whose_neighbours_would_meet_it():
    before, seen = resource.getrlimit(resource.RLIMIT_AS), []

    def look():
        with memory.ceiling():
            seen.append(resource.getrlimit(resource.RLIMIT_AS))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen == [before]
