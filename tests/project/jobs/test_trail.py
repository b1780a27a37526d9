import pytest

from project.blog.models import Comment
from project.jobs import jobs_of
from project.jobs.models import Job
from project.jobs.trail import name_of
from project.orders.placing import Item, place


def test_an_object_is_named_by_model_and_key(post):
    assert name_of(post) == f"blog.post:{post.pk}"


def test_an_object_finds_the_jobs_it_caused_through_other_jobs(ada, lamp, work):
    order = place(ada, [Item(lamp, 1)])
    work()
    tasks = {job.task for job in jobs_of(order)}
    assert {"invoices.issue_invoice", "invoices.render_invoice", "email.send_invoice"} <= tasks


def test_several_objects_give_one_trail_newest_first(ada, bob, post):
    comment = Comment.objects.create(post=post, author=bob, text="Yes")
    trail = jobs_of(post, comment)
    assert {job.about for job in trail} == {name_of(post), name_of(comment)}
    assert [job.id for job in trail] == sorted((job.id for job in trail), reverse=True)


def test_jobs_of_others_are_left_out(ada, bob):
    assert {job.about for job in jobs_of(ada)} == {name_of(ada)}


@pytest.mark.django_db
def test_a_job_is_shown_by_task_and_id():
    job = Job(task="email.welcome")
    assert str(job) == f"email.welcome {job.id}"


def test_a_long_trail_is_cut(post):
    Job.objects.bulk_create(Job(task="t", queue="email", about=name_of(post)) for _ in range(60))
    assert len(jobs_of(post)) == 50


def test_the_audits_jobs_are_left_out(ada, lamp, work):
    order = place(ada, [Item(lamp, 1)])
    work()
    assert "housekeeping.record_change" not in {job.task for job in jobs_of(order, ada)}
