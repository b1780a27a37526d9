from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from project.blog.models import DailyWriting
from project.catalog.models import DailySales, DailyTotal


@pytest.fixture
def ago(db):
    """Returns the day so many days ago, in UTC."""
    return lambda days: timezone.now().date() - timedelta(days=days)


@pytest.fixture
def sold(ago):
    """Writes what was sold of a product, as it would be counted."""

    def write(product, revenue, *, days=0, currency="EUR", orders=1, units=2):
        figures = {"currency": currency, "orders": orders, "units": units, "revenue": Decimal(revenue)}
        figures |= {"day": days if isinstance(days, date) else ago(days), "as_of": timezone.now()}
        DailySales.objects.create(product=product, **figures)
        DailyTotal.objects.create(**figures)

    return write


@pytest.fixture
def written(ago):
    """Writes how much was written, likewise."""
    return lambda posts, comments, days=0: DailyWriting.objects.create(
        day=ago(days), posts=posts, comments=comments, as_of=timezone.now()
    )
