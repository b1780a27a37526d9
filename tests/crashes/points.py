"""The points at which processes die: every step of the life of a job, in its order."""

from dataclasses import dataclass

CHILD, WHOLE = "a worker's child", "a whole process"
AUDIT, ISSUE, RENDER = "housekeeping.record_change", "invoices.issue_invoice", "invoices.render_invoice"
CONFIRM, SEND = "email.confirm_order", "email.send_invoice"
ADD, ADD_SLOWLY = "tally.add", "tally.add_slowly"

DONE = ["succeeded"]
DIED = ["died", "succeeded"]
FAILED = ["failed", "succeeded"]


@dataclass(frozen=True, kw_only=True)
class Point:
    """A step, told by a function of the product: death comes just before the call, or just after it.

    task: whose job's step it is. victim: what dies. tries: how the job's attempts must have ended at last.
    """

    name: str
    before: str = ""
    after: str = ""
    task: str
    victim: str = CHILD
    tries: list

    def __str__(self):
        return self.name.replace(" ", "-")


# Whoever asks for a job, and its publisher thread.
ASKING = [
    Point(name="to be inserted", before="project.jobs.gathering:statement", task=AUDIT, victim=WHOLE, tries=[]),
    Point(name="committed", before="project.jobs.publisher:Publisher.put", task=AUDIT, victim=WHOLE, tries=DONE),
    Point(name="to be published", before="project.jobs.publisher:send", task=AUDIT, victim=WHOLE, tries=DONE),
    Point(name="published", after="project.jobs.publisher:send", task=AUDIT, victim=WHOLE, tries=DONE),
    Point(name="marked", after="project.jobs.publisher:mark_published", task=AUDIT, victim=WHOLE, tries=DONE),
]

# Recovery that publishes what was forgotten.
PUBLISHING = [
    Point(name="marked by recovery", before="project.jobs.recovery:send", task=AUDIT, victim=WHOLE, tries=DONE),
    Point(name="sent by recovery", after="project.jobs.recovery:send", task=AUDIT, victim=WHOLE, tries=DONE),
]

# A worker that loses a child, and dies while it takes the job back: both in one transaction, or neither.
TAKING_BACK = [
    Point(name="held", before="project.jobs.execution:run", task=ISSUE, tries=DIED),
    Point(name="taken back", before="project.jobs.recovery:keep_death", task=ISSUE, victim=WHOLE, tries=DIED),
]

# A worker that dies when its child has settled the job.
ACKNOWLEDGING = [
    Point(
        name="to be acknowledged",
        before="celery.worker.request:Request.acknowledge",
        task=AUDIT,
        victim=WHOLE,
        tries=DONE,
    ),
]

# A worker's children: a plain task, a slow one, one that fails; then what a mail and a file add.
RUNNING = [
    Point(name="to be claimed", before="project.jobs.claiming:claim", task=ADD, tries=DONE),
    Point(name="claimed", before="project.jobs.execution:run", task=ADD, tries=DIED),
    Point(name="half an effect", after="project.orders.models:Invoice.save", task=ISSUE, tries=DIED),
    Point(name="to be settled", before="project.jobs.settlement:succeed", task=ADD, tries=DIED),
    Point(name="to be committed", after="project.jobs.settlement:succeed", task=ADD, tries=DIED),
    Point(name="settled", after="project.jobs.execution:run", task=ADD, tries=DONE),
    Point(name="settled with jobs to publish", after="project.jobs.execution:run", task=ISSUE, tries=DONE),
    Point(name="slow work done", after="project.orders.pdf:render", task=RENDER, tries=DIED),
    Point(name="slow work to be settled", before="project.jobs.settlement:succeed", task=ADD_SLOWLY, tries=DIED),
    Point(name="slow work to be committed", after="project.jobs.settlement:succeed", task=ADD_SLOWLY, tries=DIED),
    Point(name="slow work settled", after="project.jobs.execution:run", task=ADD_SLOWLY, tries=DONE),
    Point(name="error to be kept", before="project.jobs.failures:end", task=CONFIRM, tries=DIED),
    Point(name="error kept", after="project.jobs.failures:end", task=CONFIRM, tries=FAILED),
    Point(name="mail to be claimed", before="project.notifications.sending:claim", task=SEND, tries=DIED),
    Point(name="mail claimed", before="project.notifications.sending:hand_over", task=SEND, tries=DIED),
    Point(name="mail to go out", before="project.notifications.smtp:Told.data", task=SEND, tries=DIED),
    Point(name="mail accepted", after="project.notifications.smtp:Told.data", task=SEND, tries=DIED),
    Point(name="mail settled", before="project.notifications.accepted:forget", task=SEND, tries=DONE),
    Point(name="file written aside", before="project.files:os.replace", task=RENDER, tries=DIED),
    Point(name="file in place", after="project.files:os.replace", task=RENDER, tries=DIED),
]

POINTS = [*ASKING, *PUBLISHING, *TAKING_BACK, *ACKNOWLEDGING, *RUNNING]
BY_NAME = {point.name: point for point in POINTS}
