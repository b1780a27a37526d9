import pytest
from django.core.cache import cache

from project.blog import pages
from project.blog.models import Comment


@pytest.fixture
def comment(post, bob):
    return Comment.objects.create(post=post, author=bob, text="Yes")


def test_a_version_is_rendered_once(post, django_assert_num_queries):
    pages.article(post)
    with django_assert_num_queries(1):
        assert "The first one." in pages.article(post)


def test_a_new_comment_is_seen_at_once(post, bob):
    pages.article(post)
    Comment.objects.create(post=post, author=bob, text="Fresh <b>words</b>")
    assert "Fresh &lt;b&gt;words&lt;/b&gt;" in pages.article(post)


def test_a_changed_post_is_seen_at_once(post):
    pages.article(post)
    post.body = "Changed"
    post.save()
    assert "Changed" in pages.article(post)


@pytest.mark.parametrize("change", ["edit", "delete"])
def test_a_changed_comment_is_seen_at_once(post, comment, change):
    assert "Yes" in pages.article(post)
    if change == "edit":
        comment.text = "Edited"
        comment.save()
    else:
        comment.delete()
    assert "Yes" not in pages.article(post)


def test_without_a_cache_the_page_is_rendered(post, settings):
    settings.CACHES = {"default": {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}}
    assert "The first one." in pages.article(post)
    assert cache.get("anything") is None
