"""Mails of tests, and a task that sends them."""

from project.jobs import task
from project.jobs.models import Job
from project.jobs.policies import MAIL
from project.notifications.mails import Mail, deliver

FAR = "2020-01-01T00:00Z"
WHO = {"actor": "ada", "reason": "mended"}


def letter(recipient="ada@example.com", **changes):
    content = {"kind": "welcome", "recipient": recipient, "subject": "Hello", "text": "Hi", "html": "<p>Hi</p>"}
    return Mail(language="en", **content | changes)


@task(queue="email", slow=True, policy=MAIL)
def write_to(*, address: str) -> None:
    """Write to somebody."""
    deliver(lambda: letter(address), key=f"to:{address}")


def again(job):
    """Let a job be due."""
    Job.objects.filter(pk=job.pk).update(run_at=FAR)
    return job
