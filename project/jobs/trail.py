"""What ran because of what: from an object to its jobs, from a job to what it caused."""

from collections.abc import Iterable
from operator import attrgetter

from django.db.models import Model

from project.jobs.models import Job

SHOWN = 50  # jobs; a page shows no more


def name_of(instance: Model) -> str:
    """Return the name under which the ledger knows an object: `app.model:pk`."""
    return f"{instance._meta.label_lower}:{instance.pk}"


def jobs_of(*objects: Model) -> list[Job]:
    """Return the jobs that these objects caused, directly or through other jobs: newest first, at most SHOWN.

    Jobs that are about nothing, such as the audit's, are left out: they would crowd out the others.
    """
    direct = Job.objects.filter(about__in=[name_of(each) for each in objects]).exclude(about="").order_by("-id")[:SHOWN]
    found = {job.id: job for job in direct}
    generation: Iterable[Job] = list(found.values())
    while generation:  # ends: enqueue refuses chains deeper than ten
        generation = [
            job
            for job in Job.objects.filter(parent__in=generation).exclude(about="").order_by("-id")[:SHOWN]
            if found.setdefault(job.id, job) is job
        ]
    return sorted(found.values(), key=attrgetter("id"), reverse=True)[:SHOWN]
