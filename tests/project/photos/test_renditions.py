import io

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image

from project.photos import renditions
from project.photos.models import Photo, Rendition


def upload(owner, content, name="a.jpg"):
    photo = Photo(owner=owner, title="T", image=ContentFile(content, name=name))
    photo.save()
    return photo


def sizes(photo):
    return {rendition.spec: (rendition.width, rendition.height) for rendition in photo.renditions.all()}


def test_each_spec_is_drawn_at_its_width(photo):
    assert renditions.draw_missing(photo.pk) == 3
    assert sizes(photo) == {"small": (160, 80), "medium": (480, 240), "large": (1200, 600)}


def test_files_are_what_the_rows_say(photo):
    renditions.draw_missing(photo.pk)
    for rendition in photo.renditions.all():
        with Image.open(rendition.file) as image:
            assert (image.format, image.size) == ("WEBP", (rendition.width, rendition.height))
        assert rendition.bytes == rendition.file.size
        rendition.file.close()


def test_a_small_picture_is_not_enlarged(ada, picture):
    photo = upload(ada, picture(200, 100))
    renditions.draw_missing(photo.pk)
    assert sizes(photo) == {"small": (160, 80), "medium": (200, 100), "large": (200, 100)}


@pytest.mark.parametrize(
    ("kind", "mode"), [("PNG", "RGBA"), ("PNG", "P"), ("PNG", "L"), ("JPEG", "CMYK"), ("WEBP", "RGB")]
)
def test_every_accepted_kind_is_drawn(ada, picture, kind, mode):
    photo = upload(ada, picture(300, 200, kind, "RGB" if mode == "RGB" else mode) if mode != "RGBA" else transparent())
    assert renditions.draw_missing(photo.pk) == 3


def test_transparency_is_kept(ada):
    photo = upload(ada, transparent(), "a.png")
    renditions.draw_missing(photo.pk)
    with photo.renditions.get(spec="small").file as file, Image.open(file) as image:
        assert image.mode == "RGBA"


def test_a_picture_on_its_side_is_turned_and_its_metadata_left_out(ada, picture):
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "at home"
    photo = upload(ada, picture(400, 200, exif=exif))
    renditions.draw_missing(photo.pk)
    with photo.renditions.get(spec="small").file as file, Image.open(file) as image:
        assert image.size == (160, 320)
        assert not image.getexif()


def test_a_replaced_photo_is_drawn_from_its_new_original(photo, picture):
    renditions.draw_missing(photo.pk)
    photo.image = ContentFile(picture(1000, 1000), name="b.jpg")
    photo.save()
    assert renditions.draw_missing(photo.pk) == 3
    assert sizes(photo)["small"] == (160, 160)
    assert Rendition.objects.count() == 3


def test_what_is_drawn_of_a_photo_replaced_meanwhile_is_not_kept(photo, picture):
    stale = Photo.objects.get(pk=photo.pk)
    drawn = renditions.draw(stale, ["small"])
    photo.image = ContentFile(picture(10, 10), name="b.jpg")
    photo.save()
    renditions.keep(stale, drawn)
    assert not Rendition.objects.exists()


def test_what_is_drawn_of_a_photo_deleted_meanwhile_is_not_kept(photo):
    stale = Photo.objects.get(pk=photo.pk)
    drawn = renditions.draw(stale, ["small"])
    photo.delete()
    renditions.keep(stale, drawn)
    assert not Rendition.objects.exists()


def test_a_damaged_original_is_an_error(photo):
    photo.image.storage.save(photo.image.name, ContentFile(b"\xff\xd8no picture"))
    with pytest.raises(renditions.UnreadablePictureError, match="cannot identify"):
        renditions.draw_missing(photo.pk)


def test_names_are_decided_by_the_content(photo):
    renditions.draw_missing(photo.pk)
    first = sorted(photo.renditions.values_list("file", flat=True))
    photo.renditions.all().delete()
    renditions.draw_missing(photo.pk)
    assert sorted(photo.renditions.values_list("file", flat=True)) == first
    assert str(photo.renditions.get(spec="large")) == f"large of photo {photo.pk}"


def transparent():
    buffer = io.BytesIO()
    Image.new("RGBA", (300, 200), (255, 0, 0, 0)).save(buffer, "PNG")
    return buffer.getvalue()


class TestFilesThatACutOffDrawingLeft:
    @pytest.fixture
    def stray(self, photo):
        """A file that was written by a transaction that never committed."""
        return default_storage.save(f"photos/{photo.pk}/small-0123.webp", ContentFile(b"x"))

    def test_go_when_the_photo_is_drawn_again(self, photo, stray):
        renditions.draw_missing(photo.pk)
        assert not default_storage.exists(stray)
        assert all(default_storage.exists(rendition.file.name) for rendition in photo.renditions.all())

    def test_go_when_the_photo_is_gone(self, photo, stray):
        pk = photo.pk
        photo.delete()
        assert renditions.draw_missing(pk) == 0
        assert not default_storage.exists(stray)

    def test_go_when_it_was_replaced_meanwhile_and_what_is_in_use_stays(self, photo, stray, picture):
        renditions.draw_missing(photo.pk)
        stray = default_storage.save(stray, ContentFile(b"x"))
        before = Photo.objects.get()
        Photo.objects.update(image="photos/originals/other.jpg")
        renditions.keep(before, [])
        assert not default_storage.exists(stray)
        assert all(default_storage.exists(rendition.file.name) for rendition in photo.renditions.all())
