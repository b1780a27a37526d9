import struct
import zlib
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile

from project.jobs.models import Job
from project.photos import views
from project.photos.models import Photo


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def huge():
    """A PNG whose header says 50,000 x 50,000 pixels."""
    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"")


SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"
BAD_PICTURES = {"no picture": b"text", "0 bytes": b"", "50,000 x 50,000": huge(), "half a GIF": b"GIF89a", "SVG": SVG}


def upload(content, name="p.jpg"):
    return SimpleUploadedFile(name, content)


def test_a_picture_is_taken_and_named_for_what_it_is(client, ada, picture):
    client.force_login(ada)

    answer = client.post("/photos/new/", {"title": "Sky", "image": upload(picture(kind="PNG"), "../evil\0.exe")})

    photo = Photo.objects.get()
    assert answer.url == f"/photos/{photo.pk}/"
    assert photo.owner == ada
    assert photo.image.name.endswith(".png")
    assert (photo.width, photo.height) == (2000, 1000)


@pytest.mark.parametrize("content", BAD_PICTURES.values(), ids=BAD_PICTURES)
def test_a_bad_picture_is_refused_at_its_field_and_causes_no_job(client, ada, content):
    client.force_login(ada)
    before = Job.objects.count()

    answer = client.post("/photos/new/", {"title": "Sky", "image": upload(content)})

    assert list(answer.context["form"].errors) == ["image"]
    assert Job.objects.count() == before
    assert not Photo.objects.exists()


@pytest.mark.parametrize("title", ["", "a\0b", "x" * 201])
def test_a_bad_title_is_refused_at_its_field_and_causes_no_job(client, ada, picture, title):
    client.force_login(ada)
    before = Job.objects.count()

    answer = client.post("/photos/new/", {"title": title, "image": upload(picture())})

    assert list(answer.context["form"].errors) == ["title"]
    assert Job.objects.count() == before


def test_a_picture_that_is_only_text_in_a_field_is_refused(client, ada):
    client.force_login(ada)

    answer = client.post("/photos/new/", {"title": "Sky", "image": "text"})

    assert list(answer.context["form"].errors) == ["image"]


def test_only_who_is_logged_in_uploads(client, db):
    assert client.get("/photos/new/").url == "/accounts/login/?next=/photos/new/"


def test_a_photo_shows_a_placeholder_until_it_is_drawn_then_its_renditions(client, photo, ada, work):
    client.force_login(ada)
    before = client.get(f"/photos/{photo.pk}/").content.decode()
    work()

    after = client.get(f"/photos/{photo.pk}/").content.decode()

    assert "not drawn yet" in before
    assert "hx-get" in before
    assert 'width="2000" height="1000"' in before
    assert 'width="2000" height="1000"' in after
    assert after.index('type="image/avif"') < after.index('type="image/webp"') < after.index("<img")
    assert 'style="background: url(data:image/webp;base64,' in after
    assert "hx-get" not in after


def test_a_rendition_is_kept_for_ever_under_the_address_of_its_content(client, photo, work):
    work()
    address = client.get("/photos/").content.decode().split('<source type="image/webp" srcset="')[1].split(" ")[0]

    answer = client.get(address)

    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer["Content-Type"] == "image/webp"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer.getvalue()[8:12] == b"WEBP"


@pytest.mark.parametrize("query", ["", "?v=", "?v=old"])
def test_a_rendition_under_any_other_address_is_asked_for_again(client, photo, work, query):
    work()

    answer = client.get(f"/photos/{photo.pk}/small.webp{query}")

    assert answer["Cache-Control"] == "no-cache"
    assert answer.getvalue()


def test_a_rendition_whose_file_is_gone_is_not_found(client, photo, work):
    work()
    for rendition in photo.renditions.all():
        rendition.file.storage.delete(rendition.file.name)

    assert client.get(f"/photos/{photo.pk}/small.webp").status_code == 404


@pytest.mark.parametrize("address", ["small.webp", "huge.webp", "%00.webp"])
def test_a_rendition_that_is_not_drawn_is_not_found(client, photo, address):
    assert client.get(f"/photos/{photo.pk}/{address}").status_code == 404


@pytest.mark.parametrize("address", ["/photos/7/", f"/photos/{'9' * 30}/", "/photos/x/", "/photos/7/small.webp"])
def test_an_unknown_photo_is_not_found(client, db, address):
    assert client.get(address).status_code == 404


def test_an_original_is_never_served(client, photo):
    assert client.get(f"/media/{photo.image.name}").status_code == 404


def test_a_replaced_picture_is_shown_only_once_it_is_drawn(client, photo, ada, picture, work):
    work()
    client.force_login(ada)

    client.post(f"/photos/{photo.pk}/replace/", {"image": upload(picture(width=800, height=800))})
    before = client.get(f"/photos/{photo.pk}/").content.decode()
    work()
    after = client.get(f"/photos/{photo.pk}/").content.decode()

    assert "not drawn yet" in before
    assert 'width="800" height="800"' in after


@pytest.fixture
def replaced_meanwhile(photo, picture, monkeypatch):
    """Has somebody else replace the picture when a request has found the photo."""

    def own_then_replaced_by_another(request, pk):
        found = own(request, pk)
        other = Photo.objects.get(pk=pk)
        other.image = ContentFile(picture(200, 100), name="other.jpg")
        other.save()
        return found

    own = views.own
    monkeypatch.setattr(views, "own", own_then_replaced_by_another)


def test_of_two_who_replace_it_at_once_each_removes_what_it_replaced(client, photo, picture, replaced_meanwhile, work):
    client.force_login(photo.owner)
    client.post(f"/photos/{photo.pk}/replace/", {"image": upload(picture(100, 50))})
    work()

    present = Path(Photo.objects.get().image.path)
    assert [*present.parent.iterdir()] == [present]


@pytest.mark.parametrize("content", BAD_PICTURES.values(), ids=BAD_PICTURES)
def test_a_bad_replacement_is_refused_at_its_field_and_causes_no_job(client, photo, ada, content):
    client.force_login(ada)
    before = Job.objects.count()

    answer = client.post(f"/photos/{photo.pk}/replace/", {"image": upload(content)})

    assert list(answer.context["form"].errors) == ["image"]
    assert Job.objects.count() == before
    assert Photo.objects.get().image == photo.image


def test_a_photo_is_deleted_by_its_owner(client, photo, ada):
    client.force_login(ada)

    answer = client.post(f"/photos/{photo.pk}/delete/")

    assert answer.url == "/photos/"
    assert not Photo.objects.exists()


@pytest.mark.parametrize("act", ["replace", "delete"])
def test_another_s_photo_cannot_be_touched(client, photo, bob, picture, act):
    client.force_login(bob)
    before = Job.objects.count()

    answer = client.post(f"/photos/{photo.pk}/{act}/", {"image": upload(picture())})

    assert answer.status_code == 403
    assert Job.objects.count() == before
    assert Photo.objects.get().image == photo.image


def test_a_picture_of_too_many_pixels_is_told_so(client, ada):
    client.force_login(ada)

    page = client.post("/photos/new/", {"title": "Sky", "image": upload(huge(), "p.png")}).content.decode()

    assert "at most 50 megapixels" in page


@pytest.mark.parametrize("page", ["photo/", "photo/{}/change/", "rendition/"])
def test_the_admin_shows_photos_but_takes_none(admin_client, photo, work, page):
    work()

    assert admin_client.get("/admin/photos/" + page.format(photo.pk)).status_code == 200
    assert admin_client.get("/admin/photos/photo/add/").status_code == 403
