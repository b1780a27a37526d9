import io

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command

from project.jobs.models import Job, State
from project.photos import missing, specs
from project.photos.management.commands import render_missing
from project.photos.models import Photo, Rendition
from tests import samples


@pytest.fixture
def photos(ada, picture):
    """Photos of all widths that have a say in it, and one that moves."""
    contents = [picture(width, 10, "PNG") for width in (100, 160, 161, 1200, 2500)] + [samples.of("GIF")]
    made = [Photo(owner=ada, title="x", image=ContentFile(content, name="a.png")) for content in contents]
    for each in made:
        each.save()
    return made


def asked():
    found = Job.objects.filter(queue="thumbnails", state=State.WAITING)
    return sorted((job.task.partition(".")[2], job.kwargs["photo_id"]) for job in found)


def render(*options):
    said = io.StringIO()
    call_command("render_missing", *options, stdout=said)
    return said.getvalue()


def test_what_is_missing_in_the_database_is_what_each_photo_lacks(photos, work):
    for later in (False, True):
        assert {row["pk"] for row in missing.lacking(later=later)} == {photo.pk for photo in photos}
    work()
    for later in (False, True):
        assert not missing.lacking(later=later)
    for rendition in Rendition.objects.all():
        recipe, rendition.recipe = rendition.recipe, "earlier"
        rendition.save()
        lacks = {row["pk"] for later in (False, True) for row in missing.lacking(later=later)}
        assert lacks == {photo.pk for photo in Photo.objects.all() if photo.lacking} == {rendition.photo_id}
        rendition.recipe = recipe
        rendition.save()


def test_nothing_is_asked_for_where_nothing_lacks(photos, work):
    work()
    assert "6 of 6; jobs that wait: 0" in render()
    assert asked() == []


def test_a_changed_spec_is_drawn_for_all_photos(photos, work, monkeypatch):
    work()
    monkeypatch.setattr(specs, "DRAWN", specs.DRAWN + 1)

    said = render("--no-wait")

    pks = [photo.pk for photo in photos]
    assert asked() == sorted((task, pk) for task in ("draw_later", "draw_renditions") for pk in pks)
    assert set(Job.objects.filter(state=State.WAITING).values_list("priority", flat=True)) == {-1}
    assert "0 of 6; jobs that wait: 12" in said
    work()
    assert "6 of 6; jobs that wait: 0" in render()


@pytest.fixture
def spec_added(monkeypatch):
    def add(name, width):
        all_of_them = [*specs.SPECS, specs.Spec(name=name, width=width)]
        monkeypatch.setattr(specs, "SPECS", sorted(all_of_them, key=lambda spec: (spec.moves, spec.width)))

    return add


@pytest.fixture
def done(ada, picture, work):
    """Returns a photo of a width of which all is drawn."""

    def make(width):
        photo = Photo(owner=ada, title="x", image=ContentFile(picture(width, 50), name="a.jpg"))
        photo.save()
        work()
        return photo

    return make


@pytest.mark.parametrize("widths", [(1000, 1000), (700, 800), (1000, 900)])
def test_a_new_spec_is_drawn_and_meanwhile_the_others_are_shown(client, done, work, spec_added, widths):
    photo = done(widths[0])
    spec_added("tablet", widths[1])

    assert "0 of 1; jobs that wait: 2" in render("--no-wait")
    meanwhile = client.get(f"/photos/{photo.pk}/").content.decode()
    assert "<img" in meanwhile
    assert 'type="image/avif"' in meanwhile, "each format is as wide as before"
    work()

    photo = Photo.objects.get(pk=photo.pk)
    assert (photo.lacking, "1 of 1" in render()) == ([], True)
    assert "tablet" in client.get(f"/photos/{photo.pk}/").content.decode()


def test_what_was_drawn_by_a_spec_that_is_no_more_goes_and_is_not_shown(client, done, work, monkeypatch):
    photo = done(1900)
    files = [each.file for each in photo.renditions.filter(spec="medium")]
    assert files
    monkeypatch.setattr(missing, "BATCH", 2)
    monkeypatch.setattr(specs, "SPECS", tuple(spec for spec in specs.SPECS if spec.name != "medium"))
    assert "medium" not in client.get(f"/photos/{photo.pk}/").content.decode()

    render("--no-wait")
    work()

    assert not photo.renditions.filter(spec="medium").exists()
    assert not any(each.storage.exists(each.name) for each in files)
    assert "1 of 1; jobs that wait: 0" in render()


def test_who_was_interrupted_asks_for_the_rest_only(photos, nothing_waits, monkeypatch):
    nothing_waits()
    monkeypatch.setattr(missing, "BATCH", 2)
    asking = missing.ask()
    assert [next(asking), next(asking)] == [2, 2]
    asking.close()
    assert len(asked()) == 4

    render("--no-wait")

    assert len(asked()) == len(set(asked())) == 12


def test_the_command_shows_how_far_the_workers_are(photos, work, monkeypatch):
    monkeypatch.setattr(render_missing, "sleep", lambda _seconds: work())
    said = render()
    assert "] 0/6 photos, 12 jobs wait" in said
    assert f"[{'#' * 40}] 6/6 photos, 0 jobs wait" in said


def test_the_command_says_what_could_not_be_drawn(photo, nothing_waits, monkeypatch):
    nothing_waits()
    monkeypatch.setattr(render_missing, "sleep", lambda _seconds: Job.objects.update(state=State.FAILED))
    assert "1 could not be drawn" in render()


class TestThePages:
    def test_staff_have_drawn_what_is_missing(self, admin_client, photos, nothing_waits, work):
        nothing_waits()
        before = admin_client.get("/photos/").content.decode()
        assert "Complete: 0 of 6 photos" in before
        assert "hx-get" not in before, "nothing is on its way"

        during = admin_client.post("/photos/draw-missing/", follow=True).content.decode()
        assert "Jobs asked for: 12." in during
        assert "jobs that wait: 12" in during
        assert "hx-get" in during
        work()

        after = admin_client.get("/photos/").content.decode()
        assert "Complete: 6 of 6 photos" in after
        assert "Draw what is missing" not in after

    def test_others_do_not(self, client, ada, photo):
        assert client.post("/photos/draw-missing/").status_code == 302
        client.force_login(ada)
        before = Job.objects.count()
        assert client.post("/photos/draw-missing/").status_code == 302
        assert Job.objects.count() == before
        assert "Complete" not in client.get("/photos/").content.decode()

    def test_a_photos_page_shows_how_far_it_is(self, client, ada, photo, run):
        client.force_login(ada)
        run(Job.objects.get(task="thumbnails.draw_renditions"))
        page = client.get(f"/photos/{photo.pk}/").content.decode()
        assert "Drawn: 8 of 12 sizes and formats" in page
        assert 'type="image/webp"' in page
        assert 'type="image/avif"' not in page, "not all of it is there"
        assert "hx-get" in page
