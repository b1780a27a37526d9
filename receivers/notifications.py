"""What follows from events of `project.notifications`: what a mail provider tells."""

from typing import Any

from anymail.signals import AnymailTrackingEvent, tracking
from django.db import transaction
from django.dispatch import receiver

from project.jobs import enqueue
from project.notifications.events import bad_news
from tasks import housekeeping

SENT_BY_THEN = 10  # seconds: a provider can be quicker than the worker, which writes only now under which id it sent


@receiver(tracking, dispatch_uid="notifications.on_mail_reported")
def on_mail_reported(event: AnymailTrackingEvent, esp_name: str, **_: Any) -> None:
    """A provider said what became of a mail: note bad news. It hears that we have them when they are committed."""
    news = bad_news(event, esp_name)
    if news:
        with transaction.atomic():
            enqueue(housekeeping.note_bad_news, key=f"mail-event:{news['event']}", settle=SENT_BY_THEN, **news)
