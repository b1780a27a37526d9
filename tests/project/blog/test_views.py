import pytest

from project.blog.models import Comment, Post, PostStatistics
from project.jobs.models import Job

BAD_TEXTS = ["", "   ", "a\0b", "x" * 5001]


def test_the_list_shows_posts_with_the_counts_of_their_comments(client, post, django_assert_max_num_queries):
    PostStatistics.objects.create(post=post, comments=7, as_of=post.updated_at)

    with django_assert_max_num_queries(2):
        page = client.get("/blog/").content.decode()

    assert "Hello world" in page
    assert "7 comments" in page


def test_a_post_is_written(client, ada):
    client.force_login(ada)

    answer = client.post("/blog/new/", {"title": "On jobs", "body": "They wait."})

    assert answer.url == "/blog/on-jobs/"
    assert Post.objects.get().author == ada


def test_only_who_is_logged_in_writes(client, db):
    assert client.get("/blog/new/").url == "/accounts/login/?next=/blog/new/"


@pytest.mark.parametrize(
    ("field", "value"),
    [("title", ""), ("title", "a\0b"), ("title", "x" * 201), ("body", ""), ("body", "a\0b"), ("body", "x" * 100_001)],
)
def test_a_bad_post_is_refused_at_its_field_and_causes_no_job(client, ada, field, value):
    client.force_login(ada)
    before = Job.objects.count()

    answer = client.post("/blog/new/", {"title": "Title", "body": "Body", field: value})

    assert list(answer.context["form"].errors) == [field]
    assert Job.objects.count() == before


def test_a_comment_is_shown_with_the_jobs_that_it_caused(client, post, bob):
    client.force_login(bob)

    answer = client.post("/blog/hello-world/", {"text": "Well said."}, follow=True)

    assert "Well said." in answer.content.decode()
    assert Comment.objects.get().author == bob
    assert "email.notify_post_author" in {job.task for job in answer.context["jobs"]}


@pytest.mark.parametrize("text", BAD_TEXTS)
def test_a_comment_without_a_good_text_is_refused_at_its_field_and_causes_no_job(client, post, bob, text):
    client.force_login(bob)
    before = Job.objects.count()

    answer = client.post("/blog/hello-world/", {"text": text})

    assert list(answer.context["form"].errors) == ["text"]
    assert "aria-invalid" in answer.content.decode()
    assert Job.objects.count() == before


def test_a_comment_of_nobody_leads_to_the_login_and_causes_no_job(client, post):
    before = Job.objects.count()

    answer = client.post("/blog/hello-world/", {"text": "Well said."})

    assert answer.url == "/accounts/login/?next=/blog/hello-world/"
    assert Job.objects.count() == before


@pytest.mark.parametrize("slug", ["unknown", "%00", "x" * 3000])
def test_an_unknown_post_is_not_found(client, db, slug):
    assert client.get(f"/blog/{slug}/").status_code == 404


def test_what_people_write_is_never_markup(client, post):
    Comment.objects.create(post=post, author=post.author, text="<script>alert(1)</script>")

    page = client.get("/blog/hello-world/").content.decode()

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_an_unpublished_post_is_shown_to_its_author_only(client, post, ada, bob):
    Post.objects.update(published_at=None)
    client.force_login(bob)
    others = client.get("/blog/hello-world/")
    client.force_login(ada)
    own = client.get("/blog/hello-world/")

    assert others.status_code == 404
    assert own.status_code == 200


def test_a_page_refreshes_itself_until_its_jobs_are_done(client, post, ada, work):
    client.force_login(ada)
    before = client.get("/blog/hello-world/").content.decode()
    work()

    after = client.get("/blog/hello-world/").content.decode()

    assert 'hx-get="/blog/hello-world/"' in before
    assert "hx-get" not in after


def test_readers_see_no_jobs_and_do_not_refresh(client, post):
    page = client.get("/blog/hello-world/").content.decode()

    assert "hx-get" not in page
    assert "housekeeping" not in page


@pytest.mark.parametrize("page", ["post", "comment", "poststatistics", "dailywriting"])
def test_the_admin_shows_the_blog(admin_client, post, page):
    assert admin_client.get(f"/admin/blog/{page}/").status_code == 200
