from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connections

from project.blog.models import Comment, Post, PostStatistics
from project.blog.statistics import recount_blog


def write(author, title, **fields):
    return Post.objects.create(author=author, title=title, body="B", **fields)


@pytest.mark.parametrize(
    ("title", "slug"),
    [("Hello World!", "hello-world"), ("Grüße", "grue"), ("日本", "post"), ("---", "post"), ("x" * 200, "x" * 60)],
)
def test_a_slug_is_made_of_the_titles_words(ada, title, slug):
    assert write(ada, title).slug.startswith(slug[:3])


def test_a_second_post_of_a_title_gets_a_number(ada):
    assert [write(ada, "Same").slug for _ in range(3)] == ["same", "same-2", "same-3"]


def test_a_published_slug_stays(post):
    post.title = "Another"
    post.save()
    assert post.slug == "hello-world"


def test_a_draft_follows_its_title_until_it_is_published(ada):
    draft = write(ada, "First", published_at=None)
    draft.title = "Second"
    draft.save()
    assert draft.slug == "second"


def test_another_broken_rule_is_no_matter_of_slugs(ada, post):
    with pytest.raises(IntegrityError):
        Post.objects.create(author=ada, title=None, body="B")


@pytest.mark.django_db(transaction=True)
def test_two_writers_at_once_get_two_slugs(ada):
    def publish(_):
        try:
            return write(ada, "Same").slug
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        slugs = list(pool.map(publish, range(8)))
    assert len(set(slugs)) == 8


def test_comments_are_counted(post, bob):
    comment = Comment.objects.create(post=post, author=bob, text="Yes")
    recount_blog([post.pk])
    assert str(PostStatistics.objects.get()) == f"1 comments on {post.pk}"
    assert str(comment) == f"comment {comment.pk} on {post.pk}"
    comment.delete()
    recount_blog([post.pk])
    assert not PostStatistics.objects.exists()
