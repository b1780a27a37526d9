"""What other packages keep for a time only."""

from datetime import timedelta

from celery import current_app
from django.contrib.sessions.models import Session
from django.utils import timezone
from django_celery_results.models import TaskResult


def clear() -> None:
    """Remove sessions that ended, and results older than the setting says."""
    kept = timedelta(seconds=current_app.conf.result_expires)
    Session.objects.filter(expire_date__lt=timezone.now()).delete()
    TaskResult.objects.filter(date_done__lt=timezone.now() - kept).delete()
