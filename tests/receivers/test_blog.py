from project.blog.models import Comment


def test_a_saved_post_warms_its_page(post, jobs, nothing_waits):
    nothing_waits()
    post.save()
    assert jobs() == [("housekeeping.warm_post", {"post_id": post.pk})]


def test_a_comment_tells_the_author_counts_and_warms_the_page(post, bob, jobs, nothing_waits):
    nothing_waits()
    comment = Comment.objects.create(post=post, author=bob, text="Yes")
    assert jobs() == [
        ("email.notify_post_author", {"comment_id": comment.pk}),
        ("statistics.recount_post", {"post_id": post.pk}),
        ("housekeeping.warm_post", {"post_id": post.pk}),
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
    assert [task for task, _ in jobs()] == ["statistics.recount_post", "housekeeping.warm_post"]


def test_a_loaded_fixture_causes_nothing(post, bob, jobs, nothing_waits):
    comment = Comment.objects.create(post=post, author=bob, text="Yes")
    nothing_waits()
    post.save_base(raw=True)
    comment.pk = None
    comment.save_base(raw=True)
    assert jobs() == []
