"""Health, for whoever watches the site from outside."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from project.jobs import fleet


@require_safe
@never_cache
def healthz(_request: HttpRequest) -> HttpResponse:
    """Say that the process answers."""
    return HttpResponse("alive\n", content_type="text/plain")


@require_safe
@never_cache
def readyz(_request: HttpRequest) -> JsonResponse:
    """Say whether database, broker and a worker for each queue are there; 503 with the reasons where not."""
    report = fleet.report()
    queues = {name: len(queue.workers) for name, queue in report.queues.items()}
    return JsonResponse({"problems": report.problems, "workers": queues}, status=503 if report.problems else 200)
