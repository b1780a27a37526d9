"""A photo is uploaded, replaced, deleted: renditions appear, are redrawn, go."""

import io
import secrets

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

from project.jobs.models import Job, State
from project.photos.models import Photo, Rendition
from tests import samples

pytestmark = pytest.mark.flow

WIDTHS = {"small": 160, "medium": 480, "large": 1200, "huge": 2000}
KINDS = {"jpg": "JPEG", "webp": "WEBP", "avif": "AVIF"}


@pytest.fixture
def upload(picture):
    """Returns a photograph that tells where it was taken, as a form takes it."""

    def draw(width=2000, height=1000):
        exif = Image.Exif()
        exif[Base.ImageDescription] = f"at my home {secrets.token_hex(8)}"  # equal originals would share their files
        exif.get_ifd(IFD.GPSInfo)[GPS.GPSLatitudeRef] = "N"
        return SimpleUploadedFile("My photo.JPG", picture(width, height, exif=exif), "image/jpeg")

    return draw


@pytest.fixture
def owner(stack):
    return stack.visitor("owner")


@pytest.fixture
def page(owner, upload):
    """The page that answers an upload."""
    return owner.submit("/photos/new/", title="My house", image=upload())


def photo_of(stack, page):
    return stack.rows(Photo).get(pk=page.path.split("/")[2])


def files_of(stack, photo):
    """Return the files that should be there for a photo: what its rows name."""
    return {photo.image.name, *stack.rows(Rendition, photo=photo).values_list("file", flat=True)}


@pytest.mark.parametrize("stack", ["embedded", "postgres"], indirect=True)
def test_the_page_answers_before_anything_is_drawn(stack, owner, upload):
    stack.settle()
    with stack.broker_frozen():
        page = owner.submit("/photos/new/", title="My house", image=upload())
        photo = photo_of(stack, page)
        assert (photo.width, photo.height) == (2000, 1000)
        assert page.html.select_one("svg.placeholder")["aria-label"] == "My house: not drawn yet"
        assert page.polls
    stack.settle()


@pytest.mark.parametrize(("extension", "kind"), KINDS.items())
def test_renditions_appear_without_exif(stack, owner, page, extension, kind):
    stack.settle()
    for spec, width in WIDTHS.items():
        answer = owner.get(f"{page.path}{spec}.{extension}")
        with Image.open(io.BytesIO(answer.content)) as image:
            image.load()
            assert (image.format, image.size) == (kind, (width, width // 2))
            assert not image.getexif()
        assert answer.type == f"image/{kind.lower()}"
        assert b"at my home" not in answer.content
    assert not owner.get(page.path).polls


def test_a_replaced_photo_is_redrawn_and_leaves_no_orphan(stack, owner, page, upload):
    stack.settle()
    before = photo_of(stack, page)
    old = files_of(stack, before)
    owner.submit(page.path, to=f"{page.path}replace/", image=upload(1000, 1000))
    stack.settle()
    photo = photo_of(stack, page)
    new = files_of(stack, photo)
    assert set(stack.rows(Rendition, photo=photo).values_list("width", flat=True)) == {160, 480, 1000}
    assert old.isdisjoint(new)
    assert old.isdisjoint(stack.files())
    assert new <= set(stack.files())


def test_a_deleted_photo_leaves_no_file(stack, owner, page):
    stack.settle()
    old = files_of(stack, photo_of(stack, page))
    assert old <= set(stack.files())
    owner.submit(page.path, to=f"{page.path}delete/")
    stack.settle()
    assert old.isdisjoint(stack.files())
    assert owner.get(page.path).status == 404


def test_a_photo_deleted_while_it_is_drawn_leaves_no_file(stack, owner, page):
    owner.submit(page.path, to=f"{page.path}delete/")
    stack.settle()
    named = {name for photo in stack.rows(Photo) for name in files_of(stack, photo)}
    assert {name for name in stack.files() if name.startswith("photos/")} == named


def test_a_picture_that_kills_its_worker_fails_after_three_deaths_and_others_go_on(stack, owner, upload):
    """A real one: what decodes it crashes."""
    deadly = SimpleUploadedFile("deadly.heic", samples.DEADLY, "image/heic")
    killer = photo_of(stack, owner.submit("/photos/new/", title="Deadly", image=deadly))
    other = photo_of(stack, owner.submit("/photos/new/", title="My house", image=upload()))
    stack.wait_until("every job settled", lambda: not stack.unsettled())

    about = {photo: stack.rows(Job, about=f"photos.photo:{photo.pk}") for photo in (killer, other)}
    stack.blamed |= set(about[killer].values_list("id", flat=True))
    assert set(about[other].values_list("state", flat=True)) == {State.SUCCEEDED}
    assert stack.rows(Rendition, photo=other).count() == 12
    assert set(about[killer].values_list("state", "deaths")) == {(State.FAILED, 3)}
    assert not stack.rows(Rendition, photo=killer).exists()
    assert "not drawn yet" in str(owner.get(killer.get_absolute_url()).html.select_one("svg.placeholder"))
