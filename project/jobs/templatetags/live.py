"""What lets a page follow its jobs."""

from collections.abc import Iterable

from django.template import Context, Library
from django.utils.html import format_html

from project.jobs.models import Job

register = Library()


@register.simple_tag(takes_context=True)
def live(context: Context, jobs: Iterable[Job]) -> str:
    """Return the attributes by which `<section id="live">` fetches itself anew while one of the jobs is not settled."""
    if all(job.is_settled for job in jobs):
        return ""
    return format_html(
        'hx-get="{}" hx-select="#live" hx-target="#live" hx-swap="outerHTML" hx-trigger="every 1s"',
        context["request"].path,
    )
