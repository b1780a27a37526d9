"""The pages of the ledger, for staff: from a job to what caused it, what it caused, and what went wrong."""

from uuid import UUID

from django.contrib.auth.decorators import user_passes_test
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_safe
from django_celery_results.models import TaskResult

from project.jobs.forms import JobFilter
from project.jobs.models import Job, Pause
from project.jobs.registry import registered
from project.jobs.trail import with_mails

PAGE = 50  # jobs
CHILDREN = 200  # jobs; a page shows no more


def is_staff(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Tell whether somebody may see the ledger. Who is logged in and may not is told so, not asked to log in again."""
    if user.is_authenticated and not getattr(user, "is_staff", False):
        raise PermissionDenied
    return user.is_authenticated


staff_only = user_passes_test(is_staff)


@require_safe
@staff_only
def job_list(request: HttpRequest) -> HttpResponse:
    """List the jobs, newest first."""
    form = JobFilter(request.GET)
    jobs = with_mails(list(form.jobs()[: PAGE + 1]))
    context = {
        "form": form,
        "jobs": jobs[:PAGE],
        "older": jobs[PAGE - 1].id if len(jobs) > PAGE else None,
        "tasks": sorted(registered),
        "pauses": Pause.objects.order_by("at"),
    }
    return render(request, "jobs/list.html", context)


@require_safe
@staff_only
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a job, its attempts, and its place in the chain of cause and effect."""
    job = get_object_or_404(Job.objects.select_related("parent"), pk=pk)
    children = list(job.children.order_by("id")[:CHILDREN])
    with_mails([job, *children])
    context = {
        "job": job,
        "about_url": admin_address(job.about),
        "children": children,
        "unfolding": [job, *children],
        "attempts": job.ended_attempts(),
        "result": TaskResult.objects.filter(task_id=str(job.id)).first(),
    }
    return render(request, "jobs/detail.html", context)


def admin_address(name: str) -> str:
    """Return the address of the admin page of an object that the ledger knows as `app.model:pk`, or ""."""
    label, _, pk = name.partition(":")
    try:
        return reverse(f"admin:{label.replace('.', '_')}_change", args=[pk])
    except NoReverseMatch:
        return ""
