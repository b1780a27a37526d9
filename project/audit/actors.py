"""Who is acting: the user of the request, the task of the job, or the system."""

from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from project.jobs import current_job
from project.jobs.trail import name_of

_request: ContextVar[HttpRequest | None] = ContextVar("request", default=None)


class ActorMiddleware:
    """Remembers the request while it is answered. Its user is looked up only when a change asks for it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, with the request remembered."""
        token = _request.set(request)
        try:
            return self.get_response(request)
        finally:
            _request.reset(token)


def actor() -> str:
    """Return the name of who is acting now."""
    job, request = current_job(), _request.get()
    if job is not None:
        return f"task {job.task}"
    if request is not None and request.user.is_authenticated:
        return name_of(request.user)
    return "system"
