"""Counts everything."""

from django.db.models import Count

from project.jobs.models import Job
from project.orders import verifying
from tests.faults import files, journal, mails, quiet, rows
from tests.faults.verdict import LEFT, UNDONE, VERIFIED, Findings


def everything(world, given):
    """Compare the journals, the rows, the files and the mails."""
    written, findings = journal.read(world.folder / "journals"), Findings()
    unsure = len(written.unsure)
    rows.resolve(written)
    rows.count(written, findings)
    findings.add(VERIFIED, verifying.faults())
    mails.count(world.sink.path, given, findings)
    files.count(world.disk.media, findings)
    if world.options.plain:
        messages = world.broker.messages(world.workers)
        findings.add(LEFT, [f"message {number}" for number in range(messages)])
    else:
        findings.add(LEFT, quiet.left())
        failed = Job.objects.filter(state="failed")
        findings.add(UNDONE, [f"{job.task} {job.id} failed: {job.error}" for job in failed])
    findings.notes |= {
        "commits": written.commits,
        "roll-backs": written.rollbacks,
        "cut off, their end told by their rows": unsure,
        "jobs": dict(Job.objects.values_list("state").annotate(Count("id"))),
    }
    return findings
