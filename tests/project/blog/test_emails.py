"""Comments told in mails: each once, however many come at a time and whoever dies."""

import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone

from project.blog import emails
from project.blog.models import Comment
from project.jobs import enqueue
from project.jobs.models import Job
from project.jobs.policies import RetryLater
from project.notifications import connections
from project.notifications.models import Delivery
from project.notifications.replies import Refused
from tasks import email


@pytest.fixture
def say(post, bob):
    """Writes comments of bob's."""
    return lambda *texts: [Comment.objects.create(post=post, author=bob, text=text) for text in texts]


@pytest.fixture
def refusing(monkeypatch):
    """Lets mails be refused whose subject is one of these."""
    refused = set()
    real = connections.hand_over

    def hand_over(message, *others):
        if message.subject in refused:
            raise Refused("The mail server answered 550")
        return real(message, *others)

    monkeypatch.setattr(connections, "hand_over", hand_over)
    return refused


def told():
    """Return the comments that mails tell of, one list a mail."""
    return [[line for line in message.body.splitlines() if line.startswith("comment ")] for message in mail.outbox]


def test_ten_comments_are_one_mail_that_lists_them_in_order(post, say):
    texts = [f"comment {number}" for number in range(10)]
    say(*texts)

    emails.tell_author(post)
    emails.tell_author(post)

    assert told() == [texts]
    assert mail.outbox[0].subject == "10 new comments on Hello world"
    delivery = Delivery.objects.get()
    assert set(Comment.objects.values_list("told_in", flat=True)) == {delivery.pk}
    assert (delivery.kind, delivery.recipient) == ("comment", "ada@example.com")
    assert "List-Unsubscribe" in mail.outbox[0].extra_headers


def test_what_is_said_within_the_time_is_one_run(post, say, run, settings):
    settings.COMMENT_MAIL_SETTLE = 60
    texts = [f"comment {number}" for number in range(10)]
    for text in texts:  # each in a transaction of its own
        say(text)
    jobs = Job.objects.filter(task="email.notify_post_author").order_by("id")
    first = jobs.first()
    assert timedelta(seconds=50) < first.run_at - timezone.now() <= timedelta(seconds=60)
    assert first.run_by - first.run_at < timedelta(seconds=1)  # who goes on talking puts it off no longer
    jobs.update(run_at=timezone.now(), run_by=timezone.now())

    run(first)

    assert told() == [texts]
    assert sorted(jobs.values_list("state", flat=True)) == [*["folded"] * 9, "succeeded"]
    assert Delivery.objects.get().job == first


@pytest.mark.django_db(transaction=True)  # PostgreSQL's time stands still in one
def test_the_first_is_told_at_once_and_those_after_it_in_one_mail(post, say, run, settings):
    settings.COMMENT_MAIL_SETTLE, settings.COMMENT_MAIL_FIRST_AT_ONCE = 60, True
    jobs = Job.objects.filter(task="email.notify_post_author").order_by("id")
    say("comment 1")
    run(jobs.get())
    assert told() == [["comment 1"]]

    say("comment 2")
    with pytest.raises(RetryLater):
        run(jobs.last())
    say("comment 3")
    with pytest.raises(RetryLater):
        run(jobs.last())
    waiting = jobs.get(state="waiting")
    assert timedelta(seconds=50) < waiting.run_at - timezone.now() <= timedelta(seconds=60)

    Delivery.objects.update(created_at=timezone.now() - timedelta(seconds=60))
    jobs.update(run_at=timezone.now())
    run(waiting)
    assert told() == [["comment 1"], ["comment 2", "comment 3"]]
    assert sorted(jobs.values_list("state", flat=True)) == ["folded", "succeeded", "succeeded"]


def test_one_comment_is_told_with_who_said_it(post, say):
    say("comment 1")
    emails.tell_author(post)
    assert mail.outbox[0].subject == "bob commented on Hello world"


def test_what_is_said_later_is_told_later(post, say):
    say("comment 1")
    emails.tell_author(post)
    say("comment 2")
    emails.tell_author(post)
    assert told() == [["comment 1"], ["comment 2"]]


def test_more_than_a_mail_holds_are_several_mails(post, say, monkeypatch):
    monkeypatch.setattr(emails, "MOST", 2)
    say("comment 1", "comment 2", "comment 3")
    emails.tell_author(post)
    assert told() == [["comment 1", "comment 2"], ["comment 3"]]


def test_the_authors_own_comments_are_not_told_among_the_others(post, ada, say):
    Comment.objects.create(post=post, author=ada, text="comment of mine")
    say("comment 1")
    emails.tell_author(post)
    assert told() == [["comment 1"]]


def test_a_crash_before_the_sending_neither_loses_nor_doubles_one(post, say):
    say("comment 1")
    assert emails.keep_next(post)
    say("comment 2")  # and the worker is gone: the next run finds a mail that waits, and a comment in none

    emails.tell_author(post)

    assert told() == [["comment 1"], ["comment 2"]]


def test_a_crash_before_the_commit_leaves_the_comments_untold(post, say, monkeypatch):
    say("comment 1")

    def die(*_args, **_kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(emails, "record", lambda *args, **kwargs: (real(*args, **kwargs), die()))
        emails.tell_author(post)
    assert not Delivery.objects.exists()

    emails.tell_author(post)
    assert told() == [["comment 1"]]


real = emails.record


def test_a_mail_that_is_refused_keeps_no_later_one_and_is_not_sent_again(post, say, refusing, run):
    refusing.add("bob commented on Hello world")
    say("comment 1")
    first = Job.objects.get(id=enqueue(email.notify_post_author, key="p", post_id=post.pk))
    with pytest.raises(Refused):
        run(first)
    refusing.clear()
    say("comment 2")

    run(Job.objects.get(id=enqueue(email.notify_post_author, key="p", post_id=post.pk)))

    assert told() == [["comment 2"]]
    first.refresh_from_db()
    assert first.state == "failed"
    Job.objects.filter(pk=first.pk).update(state="waiting")
    run(first)  # replayed
    assert told() == [["comment 2"], ["comment 1"]]


def test_a_deleted_delivery_tells_nothing_again(post, say):
    say("comment 1")
    emails.tell_author(post)
    Delivery.objects.all().delete()

    emails.tell_author(post)

    assert len(mail.outbox) == 1


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_tell_each_comment_once(post, say):
    texts = [f"comment {number}" for number in range(20)]
    say(*texts)

    def run():
        try:
            emails.keep_next(post)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    emails.tell_author(post)
    assert told() == [texts]
