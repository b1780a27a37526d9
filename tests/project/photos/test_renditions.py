import hashlib
import io
import threading

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.db.models.deletion import Collector
from PIL import Image

from project.photos import renditions, specs
from project.photos.models import Photo, Rendition
from project.photos.uploads import UnreadablePictureError


def upload(owner, content, name="a.jpg"):
    photo = Photo(owner=owner, title="T", image=ContentFile(content, name=name))
    photo.save()
    return photo


def sizes(photo):
    return {rendition.spec: (rendition.width, rendition.height) for rendition in photo.renditions.all()}


def formats(photo):
    return {rendition.format for rendition in photo.renditions.all()}


def test_each_spec_is_drawn_at_its_width(photo):
    assert renditions.draw_missing(photo.pk) == 8
    assert sizes(photo) == {"small": (160, 80), "medium": (480, 240), "large": (1200, 600), "huge": (2000, 1000)}
    assert formats(photo) == {"jpeg", "webp"}


def test_what_takes_long_is_drawn_apart(photo):
    assert renditions.draw_missing(photo.pk, later=True) == 4
    assert formats(photo) == {"avif"}


def test_files_are_what_the_rows_say(photo):
    renditions.draw_missing(photo.pk)
    renditions.draw_missing(photo.pk, later=True)
    for rendition in photo.renditions.all():
        with Image.open(rendition.file) as image:
            assert image.format == rendition.format.upper()
            assert image.size == (rendition.width, rendition.height)
        assert rendition.bytes == rendition.file.size
        rendition.file.close()


def test_a_small_picture_is_not_enlarged(ada, picture):
    photo = upload(ada, picture(200, 100))
    renditions.draw_missing(photo.pk)
    assert sizes(photo) == {"small": (160, 80), "medium": (200, 100)}


@pytest.mark.parametrize(
    ("kind", "mode"), [("PNG", "RGBA"), ("PNG", "P"), ("PNG", "L"), ("JPEG", "CMYK"), ("WEBP", "RGB")]
)
def test_every_accepted_kind_is_drawn(ada, picture, kind, mode):
    photo = upload(ada, picture(300, 200, kind, "RGB" if mode == "RGB" else mode) if mode != "RGBA" else transparent())
    assert renditions.draw_missing(photo.pk) == 4


def test_transparency_is_kept(ada):
    photo = upload(ada, transparent(), "a.png")
    renditions.draw_missing(photo.pk)
    with photo.renditions.get(spec="small", format="webp").file as file, Image.open(file) as image:
        assert image.mode == "RGBA"


def test_a_picture_on_its_side_is_turned_and_its_metadata_left_out(ada, picture):
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "at home"
    photo = upload(ada, picture(400, 200, exif=exif))
    renditions.draw_missing(photo.pk)
    with photo.renditions.get(spec="small", format="webp").file as file, Image.open(file) as image:
        assert image.size == (160, 320)
        assert not image.getexif()


def test_a_replaced_photo_is_drawn_from_its_new_original(photo, picture):
    renditions.draw_missing(photo.pk)
    photo.image = ContentFile(picture(1000, 1000), name="b.jpg")
    photo.save()
    assert renditions.draw_missing(photo.pk) == 6
    assert sizes(photo) == {"small": (160, 160), "medium": (480, 480), "large": (1000, 1000)}
    assert Rendition.objects.count() == 6


def test_what_is_drawn_of_a_photo_replaced_meanwhile_is_not_kept(photo, picture):
    stale = Photo.objects.get(pk=photo.pk)
    drawn = renditions.draw(stale, renditions.read(stale), stale.wanted[:1])
    photo.image = ContentFile(picture(10, 10), name="b.jpg")
    photo.save()
    renditions.keep(stale, "0" * 64, drawn)
    assert not Rendition.objects.exists()


def test_what_is_drawn_of_a_photo_deleted_meanwhile_is_not_kept(photo):
    stale = Photo.objects.get(pk=photo.pk)
    drawn = renditions.draw(stale, renditions.read(stale), stale.wanted[:1])
    photo.delete()
    renditions.keep(stale, "0" * 64, drawn)
    assert not Rendition.objects.exists()


def test_a_damaged_original_is_an_error(photo):
    photo.image.storage.save(photo.image.name, ContentFile(b"\xff\xd8no picture"))
    with pytest.raises(UnreadablePictureError, match="cannot identify"):
        renditions.draw_missing(photo.pk)


def test_names_are_decided_by_the_content(photo):
    renditions.draw_missing(photo.pk)
    first = sorted(photo.renditions.values_list("file", flat=True))
    photo.renditions.all().delete()
    renditions.draw_missing(photo.pk)
    assert sorted(photo.renditions.values_list("file", flat=True)) == first
    assert str(photo.renditions.get(spec="large", format="jpeg")) == f"large of photo {photo.pk}"


def transparent():
    buffer = io.BytesIO()
    Image.new("RGBA", (300, 200), (255, 0, 0, 0)).save(buffer, "PNG")
    return buffer.getvalue()


class TestFilesThatACutOffDrawingLeft:
    @pytest.fixture
    def folder(self, photo):
        return specs.folder(hashlib.sha256(renditions.read(photo)).hexdigest())

    @pytest.fixture
    def stray(self, folder):
        """A file that was written by a transaction that never committed."""
        return default_storage.save(f"{folder}/small-0123.webp", ContentFile(b"x"))

    def test_go_with_the_original(self, photo, stray, work):
        work()
        photo.delete()
        work()
        assert not default_storage.exists(stray)

    def test_stay_while_they_are_being_written(self, photo, folder, work):
        half = default_storage.save(f"{folder}/.writing-x", ContentFile(b"x"))
        photo.delete()
        work()
        assert default_storage.exists(half)

    def test_are_the_same_that_the_next_drawing_writes(self, photo, folder):
        renditions.draw_missing(photo.pk)
        before = {name: content(f"{folder}/{name}") for name in default_storage.listdir(folder)[1]}
        Rendition.objects.all().delete()
        renditions.draw_missing(photo.pk)
        assert {name: content(f"{folder}/{name}") for name in default_storage.listdir(folder)[1]} == before


def content(name):
    with default_storage.open(name, "rb") as file:
        return file.read()


class TestEqualOriginals:
    @pytest.fixture
    def twin(self, photo, bob):
        return upload(bob, renditions.read(photo))

    def test_share_their_files_and_are_drawn_once(self, photo, twin, monkeypatch):
        renditions.draw_missing(photo.pk)
        monkeypatch.setattr("project.photos.drawing.draw", lambda _content, wanted: list(wanted))
        assert renditions.draw_missing(twin.pk) == 8
        assert files(twin) == files(photo)

    def test_are_drawn_anew_where_the_files_are_gone(self, photo, twin):
        renditions.draw_missing(photo.pk)
        for name in files(photo):
            default_storage.delete(name)
        assert renditions.draw_missing(twin.pk) == 8
        assert all(default_storage.exists(name) for name in files(twin))

    def test_leave_a_file_that_another_photo_uses(self, photo, twin, work):
        work()
        shared = files(twin)
        photo.delete()
        work()
        assert all(default_storage.exists(name) for name in shared)
        twin.delete()
        work()
        assert not any(default_storage.exists(name) for name in shared)


def files(photo):
    return sorted(photo.renditions.values_list("file", flat=True))


def test_a_changed_spec_is_drawn_anew_and_its_old_file_removed(photo, work, monkeypatch):
    work()
    before = files(photo)
    monkeypatch.setattr(specs, "DRAWN", specs.DRAWN + 1)

    assert renditions.draw_missing(photo.pk) == 8
    work()

    after = photo.renditions.exclude(format="avif").values_list("file", flat=True)
    assert set(before).isdisjoint(after)
    assert [name for name in before if default_storage.exists(name)] == files_of(photo, "avif")


def files_of(photo, kind):
    return sorted(photo.renditions.filter(format=kind).values_list("file", flat=True))


def test_a_spec_that_is_no_more_goes_with_the_next_drawing(photo, work, monkeypatch):
    work()
    monkeypatch.setattr(specs, "SPECS", specs.SPECS[:2])
    monkeypatch.setattr(specs, "DRAWN", specs.DRAWN + 1)
    renditions.draw_missing(photo.pk)
    assert set(sizes(photo)) == {"small", "medium"}


def test_a_few_bytes_of_it_are_there_before_the_renditions(photo, monkeypatch):
    monkeypatch.setattr("project.photos.drawing.draw", lambda *_: [])
    renditions.draw_missing(photo.pk)
    photo.refresh_from_db()
    assert photo.preview.startswith("data:image/webp;base64,")
    assert len(photo.preview) < 400


def test_a_new_original_forgets_what_was_seen_of_the_one_before(photo, picture):
    renditions.draw_missing(photo.pk)
    photo.refresh_from_db()
    photo.image = ContentFile(picture(10, 10), name="b.jpg")
    photo.save()
    assert photo.preview == ""


@pytest.mark.django_db(transaction=True)
def test_a_rendition_that_is_kept_while_its_photo_is_deleted_is_in_nobodys_way(photo, monkeypatch):
    """Django looks for what to delete along before it begins its transaction."""
    content, one = renditions.read(photo), Photo.objects.get(pk=photo.pk)
    drawn = renditions.draw(one, content, one.wanted[:1])
    started, kept = threading.Event(), []

    def keep_meanwhile():
        started.wait(5)
        with transaction.atomic():
            renditions.keep(one, hashlib.sha256(content).hexdigest(), drawn)
        kept.append(True)
        connection.close()

    thread = threading.Thread(target=keep_meanwhile)
    thread.start()
    collect = Collector.collect

    def collect_slowly(*args, **kwargs):
        collect(*args, **kwargs)
        started.set()
        thread.join(0.5)

    monkeypatch.setattr(Collector, "collect", collect_slowly)
    photo.delete()
    thread.join()
    assert kept
    assert not Photo.objects.exists()
    assert not Rendition.objects.exists()
