import uuid

import pytest
from django_celery_results.models import TaskResult

from project.jobs.models import Job, State
from project.orders import placing


@pytest.fixture
def job(post):
    return Job.objects.get(task="housekeeping.warm_post")


@pytest.mark.parametrize("address", ["", f"{uuid.uuid4()}/"])
def test_the_job_pages_are_for_staff(client, ada, address):
    nobody = client.get(f"/jobs/{address}")
    client.force_login(ada)
    somebody = client.get(f"/jobs/{address}")

    assert nobody.url == f"/accounts/login/?next=/jobs/{address}"
    assert somebody.status_code == 403
    assert "may not do this" in somebody.content.decode()


def test_jobs_are_found_by_state_queue_and_task(admin_client, job):
    Job.objects.filter(pk=job.pk).update(state=State.FAILED)

    for query in ("state=failed", "queue=housekeeping&state=failed", "task=housekeeping.warm_post"):
        assert list(admin_client.get(f"/jobs/?{query}").context["jobs"]) == [job]
    assert not admin_client.get("/jobs/?queue=email&task=housekeeping.warm_post").context["jobs"]


@pytest.mark.parametrize(
    ("field", "value"),
    [("state", "x"), ("queue", "x"), ("task", "a%00b"), ("task", "x" * 121), ("before", "x"), ("before", "%00")],
)
def test_a_bad_filter_is_told_at_its_field(admin_client, job, field, value):
    answer = admin_client.get(f"/jobs/?{field}={value}")

    assert list(answer.context["form"].errors) == [field]
    assert "errorlist" in answer.content.decode()
    assert not answer.context["jobs"]


def test_older_jobs_come_on_further_pages_without_counting_them(admin_client, job, django_assert_max_num_queries):
    Job.objects.all().delete()
    Job.objects.bulk_create(Job(task=f"email.{number}", queue="email") for number in range(120))

    with django_assert_max_num_queries(5):  # who asks, the jobs, their mails, what is paused
        first = admin_client.get("/jobs/?queue=email")
    second = admin_client.get(f"/jobs/?queue=email&before={first.context['older']}")
    third = admin_client.get(f"/jobs/?queue=email&before={second.context['older']}")

    tasks = [job.task for page in (first, second, third) for job in page.context["jobs"]]
    assert tasks == [f"email.{number}" for number in reversed(range(120))]
    assert f"?queue=email&amp;before={first.context['older']}" in first.content.decode()
    assert third.context["older"] is None


def test_a_job_s_page_shows_what_went_wrong(admin_client, job, run, post):
    Job.objects.filter(pk=job.pk).update(kwargs={"post_id": []})
    with pytest.raises(TypeError):
        run(job)

    page = admin_client.get(f"/jobs/{job.pk}/").content.decode()

    assert "TypeError" in page
    assert "Traceback" in page
    assert f'href="/admin/blog/post/{post.pk}/change/"' in page


def test_a_job_s_page_shows_its_result_and_what_caused_it_and_what_it_caused(admin_client, ada, lamp, work):
    placing.place(ada, [placing.Item(lamp, 1)])
    work()
    issue = Job.objects.get(task="invoices.issue_invoice")
    render = Job.objects.get(task="invoices.render_invoice")
    TaskResult.objects.create(task_id=str(issue.id), status="SUCCESS", result='"INV-2026-00001"')

    page = admin_client.get(f"/jobs/{issue.pk}/").content.decode()

    assert "INV-2026-00001" in page
    assert f"/jobs/{render.pk}/" in page
    assert f"/jobs/{issue.pk}/" in admin_client.get(f"/jobs/{render.pk}/").content.decode()


def test_a_waiting_job_s_page_refreshes_itself(admin_client, job):
    assert f'hx-get="/jobs/{job.pk}/"' in admin_client.get(f"/jobs/{job.pk}/").content.decode()


@pytest.mark.parametrize("about", ["", "nonsense", "no.model:1"])
def test_a_job_about_nothing_known_leads_nowhere(admin_client, job, about):
    Job.objects.filter(pk=job.pk).update(about=about)

    assert admin_client.get(f"/jobs/{job.pk}/").context["about_url"] == ""


@pytest.mark.parametrize("pk", [uuid.uuid4(), "not-a-uuid", "%00"])
def test_an_unknown_job_is_not_found(admin_client, pk):
    assert admin_client.get(f"/jobs/{pk}/").status_code == 404


def test_a_job_shows_its_attempts_and_the_one_that_succeeded_among_them(admin_client, job, run):
    job.tries.create(number=1, worker="w@here", started_at=job.created_at, outcome="failed", error="OSError: full")
    Job.objects.filter(pk=job.pk).update(claims=1, attempts=1)
    run(job)

    page = admin_client.get(f"/jobs/{job.pk}/")
    assert [(each.number, each.outcome) for each in page.context["attempts"]] == [(1, "failed"), (2, "succeeded")]
    assert "test@here" in page.content.decode()


def test_errors_are_shown_to_staff_only(client, admin_client, job, ada):
    Job.objects.update(state=State.FAILED, error="OSError: the disk is full")
    client.force_login(ada)

    assert "the disk is full" not in client.get("/blog/hello-world/").content.decode()
    assert "the disk is full" in admin_client.get("/blog/hello-world/").content.decode()


def test_the_admin_shows_the_ledger_and_nobody_writes_it(admin_client, job, work):
    work()

    assert admin_client.get("/admin/jobs/attempt/").status_code == 200
    assert admin_client.get(f"/admin/jobs/job/{job.pk}/change/").status_code == 200
    assert admin_client.get("/admin/jobs/job/add/").status_code == 403
    assert admin_client.post(f"/admin/jobs/job/{job.pk}/delete/").status_code == 403
