"""A reader comments on a post: its author is told, the page and the count follow."""

import pytest

from project.blog.models import Comment, PostStatistics
from project.jobs.models import Job
from project.jobs.trail import name_of
from tests.flows.mailbox import html_of, text_of

pytestmark = pytest.mark.flow


@pytest.fixture
def author(stack):
    return stack.visitor("author")


@pytest.fixture
def post(author):
    """Writes a post; returns its page's path."""
    return author.submit("/blog/new/", title="Rain again", body="It rains.").path


def mails_about_comments(stack, visitor):
    return [mail for mail in stack.mailbox.to(visitor.email) if "commented" in mail["Subject"]]


def test_the_author_gets_one_mail(stack, author, post):
    reader = stack.visitor("reader")
    reader.submit(post, text="Here <b>too</b>.")
    stack.settle()
    (mail,) = mails_about_comments(stack, author)
    assert mail["Subject"] == f"{reader.name} commented on Rain again"
    assert "Here <b>too</b>." in text_of(mail)
    assert "Here &lt;b&gt;too&lt;/b&gt;." in html_of(mail)
    assert stack.url + post in text_of(mail)


def test_a_comment_on_ones_own_post_sends_no_mail(stack, author, post):
    author.submit(post, text="Still raining.")
    stack.settle()
    assert mails_about_comments(stack, author) == []


def test_the_page_shows_the_comment_its_jobs_and_when_they_are_done(stack, post):
    reader = stack.visitor("reader")
    assert "Here too." in reader.submit(post, text="Here too.").text
    stack.settle()
    page = reader.get(post)
    assert "email.notify_post_author" in page.html.select_one("#live").text
    assert not page.polls


def test_the_count_follows(stack, post):
    reader = stack.visitor("reader")
    for text in ("One.", "Two.", "Three."):
        reader.submit(post, text=text)
    stack.settle()
    comment = stack.rows(Comment, text="Three.").latest("id")
    assert stack.rows(PostStatistics, post=comment.post).get().comments == 3
    caused = stack.rows(Job, about=name_of(comment)).exclude(task="housekeeping.record_change")
    assert sorted(job.task for job in caused) == [
        "email.notify_post_author",
        "housekeeping.warm_post",
        "statistics.recount_blog",
    ]
