"""What runs periodically. Any worker fires it, once; no process of its own is needed."""

from celery.schedules import crontab

from project.jobs.schedules import Schedule

SCHEDULES = [
    Schedule(name="clear what has expired", task="housekeeping.clear_expired", at=crontab(minute="17", hour="3")),
    Schedule(name="sweep the media", task="housekeeping.sweep_media", at=crontab(minute="47", hour="3")),
]
