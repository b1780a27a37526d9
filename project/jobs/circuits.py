"""A circuit breaker for each dependency, such as the mail server.

After a few failures in a row its jobs are parked, and no attempt is counted. One probe at a time goes out; when it
succeeds the rest resume.
"""

from datetime import timedelta

import structlog
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest, Now

from project.jobs.models import Circuit, Job, State

log = structlog.get_logger(__name__)

FAILURES = 5  # in a row; then the circuit opens
PROBE = timedelta(seconds=15)  # between two probes


def admits(name: str) -> bool:
    """Tell whether a job that needs the dependency may run: the circuit is closed, or this job is its probe."""
    circuit = Circuit.objects.filter(name=name).first()
    if circuit is None or circuit.probe_at is None:
        return True
    return bool(Circuit.objects.filter(name=name, probe_at__lte=Now()).update(probe_at=Now() + PROBE))


def failed(name: str, error: str) -> bool:
    """Note that the dependency was out of reach. Returns whether the circuit is open."""
    with transaction.atomic():
        Circuit.objects.get_or_create(name=name)
        Circuit.objects.filter(name=name).update(failures=F("failures") + 1, error=error)
        opened = Circuit.objects.filter(name=name, failures__gte=FAILURES, probe_at=None).update(probe_at=Now() + PROBE)
    if opened:
        log.error("circuit_opened", dependency=name, error=error)
    return Circuit.objects.filter(name=name, probe_at__isnull=False).exists()


def succeeded(name: str) -> None:
    """Close the circuit, and let what was parked go on."""
    if not Circuit.objects.filter(name=name).exists():
        return
    with transaction.atomic():
        Circuit.objects.filter(name=name).delete()
        released = Job.objects.filter(parked=name, state=State.WAITING).update(parked="", run_at=Now())
    log.info("circuit_closed", dependency=name, released=released)


def park(job_id: str, name: str) -> None:
    """Let a waiting job wait for the dependency."""
    Job.objects.filter(id=job_id, state=State.WAITING).update(
        parked=name, published_at=None, sends=Greatest("sends", 1)
    )


def release_probes() -> int:
    """Let the oldest parked job of each open circuit try, when it is time for a probe. Returns the number of jobs."""
    released = 0
    for name in Circuit.objects.filter(probe_at__lte=Now()).values_list("name", flat=True):
        oldest = Job.objects.filter(parked=name, state=State.WAITING).order_by("run_at").values("id")[:1]
        released += Job.objects.filter(id__in=list(oldest.values_list("id", flat=True))).update(parked="")
    return released + release_strays()


def release_strays() -> int:
    """Let go on what was parked in the moment in which its circuit closed."""
    parked = Job.objects.filter(state=State.WAITING).exclude(parked="")
    if not parked.exists():
        return 0
    return parked.exclude(parked__in=Circuit.objects.filter(probe_at__isnull=False).values("name")).update(parked="")
