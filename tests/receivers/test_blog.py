from datetime import timedelta

from project.blog.models import Comment, Post


def day(moment):
    return str(moment.date())


def test_a_saved_post_warms_its_page_and_is_counted(post, jobs, nothing_waits):
    nothing_waits()
    post.save()
    assert jobs() == [
        ("housekeeping.warm_post", {"post_id": post.pk}),
        ("statistics.recount_blog", {"days": [day(post.published_at)]}),
    ]


def test_a_post_of_another_day_is_counted_on_both(post, jobs, nothing_waits):
    nothing_waits()
    before = day(post.published_at)
    post.published_at -= timedelta(days=40)
    post.save()
    assert jobs()[1] == ("statistics.recount_blog", {"days": sorted([before, day(post.published_at)])})


def test_a_deleted_post_is_counted(post, jobs, nothing_waits):
    nothing_waits()
    post.delete()
    assert jobs() == [("statistics.recount_blog", {"days": [day(post.published_at)]})]


def test_a_comment_tells_the_author_counts_and_warms_the_page(post, bob, jobs, nothing_waits):
    nothing_waits()
    comment = Comment.objects.create(post=post, author=bob, text="Yes")
    assert jobs() == [
        ("email.notify_post_author", {"post_id": post.pk}),
        ("housekeeping.warm_post", {"post_id": post.pk}),
        ("statistics.recount_blog", {"post_ids": [post.pk], "days": [day(comment.created_at)]}),
    ]


def test_a_changed_comment_tells_nobody(post, bob, jobs, nothing_waits):
    comment = Comment.objects.create(post=post, author=bob, text="Yes")
    nothing_waits()
    comment.save()
    assert jobs() == []


def test_a_deleted_comment_is_counted_and_its_page_warmed(post, bob, jobs, nothing_waits):
    comment = Comment.objects.create(post=post, author=bob, text="Yes")
    nothing_waits()
    comment.delete()
    assert [task for task, _ in jobs()] == ["statistics.recount_blog", "housekeeping.warm_post"]


def test_a_comment_of_another_post_is_counted_for_both(post, ada, bob, jobs, nothing_waits):
    other = Post.objects.create(author=ada, title="Other", body="B")
    comment = Comment.objects.create(post=post, author=bob, text="Yes")
    nothing_waits()
    comment.post = other
    comment.save()
    subjects = {"post_ids": [post.pk, other.pk], "days": [day(comment.created_at)]}
    assert jobs() == [("statistics.recount_blog", subjects)]


def test_a_loaded_fixture_causes_nothing(post, bob, jobs, nothing_waits):
    comment = Comment.objects.create(post=post, author=bob, text="Yes")
    nothing_waits()
    post.save_base(raw=True)
    comment.pk = None
    comment.save_base(raw=True)
    assert jobs() == []
