"""What runs periodically. Any worker fires it, once; no process of its own is needed."""

from celery.schedules import crontab

from project.jobs.schedules import Schedule

SCHEDULES = [
    Schedule(name="clear what has expired", task="housekeeping.clear_expired", at=crontab(minute="17", hour="3")),
    Schedule(name="remind of what is overdue", task="invoices.remind_overdue", at=crontab(minute="7", hour="6")),
    Schedule(name="sweep the media", task="housekeeping.sweep_media", at=crontab(minute="47", hour="3")),
    Schedule(name="check the figures", task="statistics.check_figures", at=crontab(minute="27", hour="4")),
]
