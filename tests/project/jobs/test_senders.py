import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.db.models.signals import post_save

from project.accounts.models import Profile
from project.blog.models import Post


@pytest.fixture
def heard():
    """Collects whether signals of profiles came inside a transaction."""
    inside = []

    def hear(**_):
        inside.append(connection.in_atomic_block)

    post_save.connect(hear, sender=Profile)
    yield inside
    post_save.disconnect(hear, sender=Profile)


@pytest.mark.django_db(transaction=True)
def test_signals_are_sent_inside_the_saving_transaction(ada, heard):
    profile = Profile.of(ada)
    profile.save()
    assert heard == [True, True]


def test_a_new_object_has_changed_nothing(ada):
    assert Post(author=ada, title="T").changed() == {}


def test_a_change_is_told_with_before_and_after(post):
    post.title = "New"
    assert post.changed() == {"title": ("Hello world", "New")}


def test_a_change_to_an_object_read_from_the_database_is_told(post):
    read = Post.objects.get(pk=post.pk)
    read.body = "Other"
    assert read.changed() == {"body": ("The first one.", "Other")}


def test_after_saving_nothing_is_changed(post):
    post.title = "New"
    post.save()
    assert post.changed() == {}


def test_after_reading_again_nothing_is_changed(post):
    Post.objects.filter(pk=post.pk).update(title="Elsewhere")
    post.refresh_from_db()
    assert post.changed() == {}


def test_a_field_that_was_not_read_has_not_changed(post):
    read = Post.objects.only("title").get(pk=post.pk)
    read.body = "Other"
    assert read.changed() == {}


def test_a_value_may_differ_from_one_that_was_not_read(post):
    read = Post.objects.only("title").get(pk=post.pk)
    assert not read.may_differ("title", "body")
    read.body = "Other"
    assert read.may_differ("title", "body")
    assert not read.may_differ("title")
    read.title = "New"
    assert read.may_differ("title")


def test_reading_a_field_forgets_no_change_of_another_one(post):
    read = Post.objects.defer("body").get(pk=post.pk)
    read.title = "New"
    assert read.body == "The first one."
    assert read.changed() == {"title": ("Hello world", "New")}
    read.refresh_from_db(fields=["author"])
    assert read.may_differ("title")
    read.refresh_from_db(fields=["title"])
    assert read.changed() == {}


def test_saving_a_field_forgets_no_change_of_another_one(post):
    post.title, post.body = "New", "Other"
    post.save(update_fields=["body"])
    assert post.changed() == {"title": ("Hello world", "New")}


def test_a_replaced_file_is_told_by_its_old_name(photo, picture):
    old = photo.image.name
    photo.image = ContentFile(picture(10, 10), name="b.jpg")
    assert photo.changed()["image"][0] == old
