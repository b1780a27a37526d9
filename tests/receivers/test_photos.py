from django.core.files.base import ContentFile

from project.jobs.models import Job


def test_an_uploaded_photo_is_drawn(photo, jobs):
    assert jobs()[-2:] == [
        ("thumbnails.draw_renditions", {"photo_id": photo.pk}),
        ("thumbnails.draw_later", {"photo_id": photo.pk}),
    ]


def test_what_may_wait_lets_others_go_first(photo):
    priorities = dict(Job.objects.filter(queue="thumbnails").values_list("task", "priority"))
    assert priorities == {"thumbnails.draw_renditions": 0, "thumbnails.draw_later": -1}


def test_a_replaced_photo_is_drawn_anew_and_its_original_removed(photo, picture, jobs, nothing_waits):
    nothing_waits()
    old = photo.image.name
    photo.image = ContentFile(picture(50, 50), name="b.jpg")
    photo.save()
    assert jobs() == [
        ("thumbnails.draw_renditions", {"photo_id": photo.pk}),
        ("thumbnails.draw_later", {"photo_id": photo.pk}),
        ("thumbnails.remove_files", {"photo_id": photo.pk, "names": [old]}),
    ]


def test_a_deleted_photo_leaves_no_file(photo, work, jobs, settings):
    work()
    photo.delete()
    assert [task for task, _ in jobs()] == ["thumbnails.remove_files"] * 13
    work()
    assert [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()] == []


def test_a_loaded_fixture_causes_nothing(photo, jobs, nothing_waits):
    nothing_waits()
    photo.save_base(raw=True)
    assert jobs() == []
