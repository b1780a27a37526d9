from contextlib import suppress

import pytest
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models.signals import post_save
from django.db.transaction import TransactionManagementError

from project.accounts.models import User
from project.blog.models import Comment, Post
from project.jobs import EnqueueError, enqueue, task
from project.jobs.models import Job
from project.jobs.policies import Policy


@task(queue="housekeeping")
def note(*, number: int = 0, value: object = None) -> None:
    """Do nothing."""


@pytest.mark.django_db
class TestEnqueue:
    def test_writes_one_waiting_row(self):
        job = Job.objects.get(id=enqueue(note, number=7))
        assert (job.task, job.queue, job.kwargs) == ("test_enqueueing.note", "housekeeping", {"number": 7})
        assert (job.state, job.attempts, job.published_at, job.parent) == ("waiting", 0, None, None)

    def test_names_the_object_it_is_about(self, ada):
        assert Job.objects.get(id=enqueue(note, about=ada)).about == f"accounts.user:{ada.pk}"

    def test_ids_sort_by_time(self):
        ids = [enqueue(note) for _ in range(50)]
        assert ids == sorted(ids)

    def test_a_rolled_back_savepoint_takes_its_jobs_along(self, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks() as hooks:
            kept = enqueue(note)
            with pytest.raises(ZeroDivisionError), transaction.atomic():
                enqueue(note)
                raise ZeroDivisionError
        assert [job.id for job in Job.objects.all()] == [kept]
        assert len(hooks) == 1

    @pytest.mark.parametrize("value", [1, -7, 2**70, -1.5, "ü", True, None, [1, "a"], {"a": [None]}, "x" * 60_000])
    def test_keeps_what_json_keeps(self, value):
        assert Job.objects.get(id=enqueue(note, value=value)).kwargs["value"] == value


@pytest.mark.django_db
class TestRefuses:
    def test_what_is_no_task(self):
        with pytest.raises(
            EnqueueError, match=r"was given <built-in function len>; expected a function decorated with"
        ):
            enqueue(len)

    def test_arguments_that_do_not_fit_naming_both_sides(self):
        with pytest.raises(EnqueueError, match=r"note takes \(\*, number: int = 0.*was given \(nummer, b\): .*nummer"):
            enqueue(note, nummer=1, b=2)

    @pytest.mark.parametrize("value", [object(), b"x", {1: 2}, (1, 2), {1}, float("nan"), float("inf")])
    def test_arguments_that_json_does_not_keep(self, value):
        with pytest.raises(EnqueueError, match=f"given value of type {type(value).__name__}, which JSON does not keep"):
            enqueue(note, value=value)

    def test_arguments_that_are_documents(self):
        with pytest.raises(EnqueueError, match="bytes of arguments; expected at most 64000: pass an id"):
            enqueue(note, value="x" * 70_000)

    @pytest.mark.parametrize("value", ["a\0b", {"a": ["\0"]}, "\ud800", {"\ud800": 1}])
    def test_text_that_postgresql_does_not_keep(self, value):
        with pytest.raises(EnqueueError, match="NUL or half a character"):
            enqueue(note, value=value)

    @pytest.mark.parametrize("value", ["\\u0000", "\\\\u0000", "\\ud800", "ü\n"])
    def test_but_not_text_that_only_looks_like_it(self, value):
        assert Job.objects.get(id=enqueue(note, value=value)).kwargs["value"] == value

    def test_a_key_with_a_nul(self):
        with pytest.raises(EnqueueError, match="no NUL"):
            enqueue(note, key="a\0b")

    @pytest.mark.parametrize("about", [User(), Session("x" * 200), Session("\0")])
    def test_an_object_that_has_no_name_to_be_kept(self, about):
        with pytest.raises(EnqueueError, match="expected a saved object"):
            enqueue(note, about=about)

    def test_and_writes_nothing(self):
        with pytest.raises(EnqueueError):
            enqueue(note, value=object())
        assert not Job.objects.exists()


@pytest.mark.django_db(transaction=True)
class TestTransactions:
    def test_outside_one_it_is_refused_and_says_how_to_mend_it(self):
        with pytest.raises(
            EnqueueError, match=r"outside a transaction.*Wrap both in transaction.atomic\(\), or derive"
        ):
            enqueue(note)
        assert not Job.objects.exists()

    def test_a_rolled_back_transaction_leaves_nothing(self):
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            enqueue(note)
            raise ZeroDivisionError
        assert not Job.objects.exists()

    def test_a_save_that_commits_by_itself_takes_its_jobs_along(self, ada):
        post = Post.objects.create(author=ada, title="T", body="B")
        assert Job.objects.filter(about=f"blog.post:{post.pk}", task="housekeeping.warm_post").count() == 1

    @pytest.fixture
    def failing(self):
        def fail(**_):
            raise ZeroDivisionError

        post_save.connect(fail, sender=Comment)
        yield
        post_save.disconnect(fail, sender=Comment)

    @pytest.mark.usefixtures("failing")
    def test_a_receiver_that_raises_rolls_the_save_back(self, ada, post):
        before = Job.objects.count()
        with pytest.raises(ZeroDivisionError):
            Comment.objects.create(post=post, author=ada, text="No")
        assert not Comment.objects.exists()
        assert Job.objects.count() == before

    @pytest.mark.usefixtures("failing")
    def test_who_hides_its_error_inside_a_transaction_cannot_commit_the_save_without_its_jobs(self, ada, post):
        with pytest.raises(TransactionManagementError), transaction.atomic():
            with suppress(ZeroDivisionError):
                Comment.objects.create(post=post, author=ada, text="No")
            Comment.objects.count()
        assert not Comment.objects.exists()


@pytest.mark.django_db
class TestLineage:
    def test_a_job_knows_the_job_that_asked_for_it(self, run):
        first = Job.objects.get(id=enqueue(cause, left=1))
        run(first)
        assert [(child.task, child.depth) for child in first.children.all()] == [("test_enqueueing.cause", 1)]

    def test_a_loop_is_refused_and_shown(self, work):
        enqueue(cause, left=100)
        with pytest.raises(
            EnqueueError, match=r"10 deep, are taken for a loop: (test_enqueueing.cause -> ){10}test_enqueue"
        ):
            work()
        assert Job.objects.filter(state="succeeded").count() == 9
        assert Job.objects.get(state="failed").depth == 9


@task(queue="housekeeping", policy=Policy(attempts=1))
def cause(*, left: int) -> None:
    """Ask for the same again."""
    if left:
        enqueue(cause, left=left - 1)
