"""What is kept for a time only."""

from datetime import timedelta

from celery import current_app
from django.contrib.sessions.models import Session
from django.utils import timezone
from django_celery_results.models import TaskResult

from project.notifications import accepted


def clear() -> None:
    """Remove sessions that ended, results older than the setting says, and notes that no mail needs any more."""
    kept = timedelta(seconds=current_app.conf.result_expires)
    Session.objects.filter(expire_date__lt=timezone.now()).delete()
    TaskResult.objects.filter(date_done__lt=timezone.now() - kept).delete()
    accepted.sweep()
