from django.core.files.base import ContentFile

from project.photos.models import Rendition
from tasks import thumbnails


def test_renditions_are_drawn_once(photo):
    assert thumbnails.draw_renditions(photo_id=photo.pk) == 8
    assert thumbnails.draw_renditions(photo_id=photo.pk) == 0
    assert thumbnails.draw_later(photo_id=photo.pk) == 4
    assert thumbnails.draw_later(photo_id=photo.pk) == 0
    assert Rendition.objects.count() == 12


def test_a_photo_that_is_gone_needs_none(db):
    assert thumbnails.draw_renditions(photo_id=404) == 0
    assert thumbnails.draw_later(photo_id=404) == 0


def test_a_file_in_use_is_left(photo):
    thumbnails.draw_renditions(photo_id=photo.pk)
    names = [photo.image.name, *Rendition.objects.values_list("file", flat=True)]
    thumbnails.remove_files(photo_id=photo.pk, names=names)
    assert photo.image.storage.exists(photo.image.name)


def test_a_file_of_no_row_is_removed_and_one_that_is_gone_no_matter(photo):
    name = photo.image.storage.save(f"photos/{photo.pk}/old.webp", ContentFile(b"old"))
    thumbnails.remove_files(photo_id=photo.pk, names=[name])
    thumbnails.remove_files(photo_id=photo.pk, names=[name])
    assert not photo.image.storage.exists(name)
