"""The seller's days: an invoice is of the day that it is where the seller is."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone


def today() -> date:
    """Return the seller's present day."""
    return day_of(timezone.now())


def day_of(moment: datetime) -> date:
    """Return the seller's day of a moment."""
    return timezone.localdate(moment, ZoneInfo(settings.SELLER_TIME_ZONE))
