"""What ran because of what: from an object to its jobs, from a job to what it caused."""

from collections.abc import Iterable
from operator import attrgetter
from typing import Any

from django.db.models import Model, Prefetch, prefetch_related_objects

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
    return with_mails(sorted(found.values(), key=attrgetter("id"), reverse=True)[:SHOWN])


def with_mails(jobs: list[Job]) -> list[Job]:
    """Read along which mails the jobs sent, but for their text: a trail also says who was not written to. Returns them.

    The app of mails builds on this one, and is known here by the name of its relation alone.
    """
    mails: Any = Job._meta.get_field("deliveries").related_model
    prefetch_related_objects(jobs, Prefetch("deliveries", mails.objects.defer("text", "html", "attachments")))
    return jobs
