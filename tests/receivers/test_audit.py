import pytest
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.utils import timezone

from project.audit.models import AuditEntry
from project.jobs import enqueue
from project.jobs.models import Job
from tasks import housekeeping


@pytest.fixture
def entries(work):
    """Runs all jobs, then returns the entries about an object as (actor, action, changes)."""

    def about(target):
        work()
        return [(e.actor, e.action, e.changes) for e in AuditEntry.objects.filter(target=target).order_by("at")]

    return about


def test_a_change_is_kept_with_before_and_after(post, entries):
    post.title = "New"
    post.save()
    [created, changed] = entries(f"blog.post:{post.pk}")
    assert created[:2] == ("system", "created")
    assert created[2]["title"] == [None, "Hello world"]
    assert changed[:2] == ("system", "changed")
    assert changed[2]["title"] == ["Hello world", "New"]


def test_a_deletion_is_kept_with_what_was_there(post, entries):
    pk = post.pk
    post.delete()
    assert entries(f"blog.post:{pk}")[-1][1:] == ("deleted", entries(f"blog.post:{pk}")[-1][2])
    assert entries(f"blog.post:{pk}")[-1][2]["body"] == ["The first one.", None]


def test_secrets_are_masked(ada, entries):
    ada.set_password("another-long-password")
    ada.save()
    [created, changed] = entries(f"accounts.user:{ada.pk}")
    assert created[2]["password"] == [None, "***"]
    assert changed[2]["password"] == ["***", "***"]


def test_long_values_are_cut(post, entries):
    post.body = "x" * 9000
    post.save()
    assert len(entries(f"blog.post:{post.pk}")[-1][2]["body"][1]) == 201


def test_a_change_by_a_visitor_names_them(client, ada, entries):
    client.force_login(ada)
    client.post("/accounts/", {"bio": "I write."})
    changed = [entry for entry in entries(f"accounts.profile:{ada.profile.pk}") if "bio" in entry[2]]
    assert changed[-1][0] == f"accounts.user:{ada.pk}"


def test_a_change_by_a_job_names_its_task(ada, entries):
    enqueue(housekeeping.create_profile, user_id=ada.pk)
    entries("")
    assert AuditEntry.objects.get(target__startswith="accounts.profile:").actor == "task housekeeping.create_profile"


@pytest.mark.django_db(transaction=True)
def test_models_of_other_packages_are_kept_too_outside_any_transaction(entries):
    group = Group.objects.create(name="editors")
    assert entries(f"auth.group:{group.pk}") == [
        ("system", "created", {"id": [None, group.pk], "name": [None, "editors"]})
    ]


def test_sessions_the_ledger_and_the_audit_are_left_out(db):
    Session.objects.create(session_key="x", expire_date=timezone.now())
    AuditEntry.objects.create(at=timezone.now(), actor="system", action="created", target="a.b:1")
    Job.objects.create(task="a.b", queue="email").delete()
    assert not Job.objects.exists()
