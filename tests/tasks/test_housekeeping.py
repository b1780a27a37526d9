import os
from datetime import timedelta

from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.utils import timezone
from django_celery_results.models import TaskResult

from project.accounts.models import Profile
from project.audit.models import AuditEntry
from project.blog import pages
from tasks import housekeeping


def test_a_profile_is_created_once(ada):
    housekeeping.create_profile(user_id=ada.pk)
    housekeeping.create_profile(user_id=ada.pk)
    assert Profile.objects.filter(user=ada).count() == 1


def test_a_post_is_warm(post):
    housekeeping.warm_post(post_id=post.pk)
    housekeeping.warm_post(post_id=post.pk)
    assert "The first one." in cache.get(f"post:{post.pk}:{pages.version(post)}")


def test_a_post_that_is_gone_has_no_page(db):
    housekeeping.warm_post(post_id=404)


def test_a_change_is_recorded_once(db):
    entry = {
        "entry_id": "0198c0de-0000-7000-8000-000000000000",
        "at": timezone.now().isoformat(),
        "actor": "system",
        "action": "created",
        "target": "blog.post:1",
        "changes": {},
    }
    housekeeping.record_change(**entry)
    housekeeping.record_change(**entry)
    assert str(AuditEntry.objects.get()) == "system created blog.post:1"


def test_what_has_expired_is_cleared_and_the_rest_is_kept(db, settings):
    now = timezone.now()
    for key, expires in (("old", now - timedelta(days=1)), ("new", now + timedelta(days=1))):
        Session.objects.create(session_key=key, expire_date=expires)
        TaskResult.objects.create(task_id=key)
    TaskResult.objects.filter(task_id="old").update(date_done=now - timedelta(days=8))
    settings.MAIL_NOTES_ROOT.mkdir()
    for name, made in [("old", 0), ("new", now.timestamp())]:
        note = settings.MAIL_NOTES_ROOT / f"{name}.reply"
        note.touch()
        os.utime(note, (made, made))
    housekeeping.clear_expired()
    housekeeping.clear_expired()
    assert [note.name for note in settings.MAIL_NOTES_ROOT.iterdir()] == ["new.reply"]
    assert [session.session_key for session in Session.objects.all()] == ["new"]
    assert [result.task_id for result in TaskResult.objects.all()] == ["new"]
