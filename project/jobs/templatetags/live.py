"""What lets a page follow its jobs, and what else changes. `live.js` keeps it from disturbing anybody."""

from collections.abc import Iterable

from django.template import Context, Library
from django.utils.html import format_html
from django.utils.safestring import SafeString

from project.jobs.models import Job

register = Library()


@register.simple_tag(takes_context=True)
def live(context: Context, jobs: Iterable[Job]) -> str:
    """Return the attributes by which `<section id="live">` fetches itself anew while one of the jobs is not settled."""
    return "" if all(job.is_settled for job in jobs) else refreshed(context, 1)


@register.simple_tag(takes_context=True)
def refreshed(context: Context, seconds: int) -> SafeString:
    """Return the attributes by which `<section id="live">` fetches itself anew, always, and when it comes in sight."""
    return format_html(
        'hx-get="{}" hx-select="#live" hx-target="#live" hx-swap="outerHTML" '
        'hx-trigger="every {}s, visibilitychange from:document"',
        context["request"].get_full_path(),
        seconds,
    )
