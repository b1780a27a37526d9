from django.core.cache import cache
from django.utils import timezone

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
