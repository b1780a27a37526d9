"""What was committed and never published is published by recovery. Ours only."""

import time

from project.jobs.publisher import connect
from project.jobs.recovery import GRACE, publish_due


def publish():
    """Publish all of it. Returns the number of jobs, and the seconds."""
    time.sleep(GRACE.total_seconds())  # before that it may be on its way still
    producer, jobs = connect(), 0
    began = time.perf_counter()
    while published := publish_due(producer):
        jobs += published
    return {"jobs": jobs, "seconds": time.perf_counter() - began}
