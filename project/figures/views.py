"""The statistics: a page that follows what happens, and its figures as CSV. Everybody may see them."""

import time
from datetime import datetime

from django.conf import settings
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, StreamingHttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from project.figures import cards, periods, reading, spreadsheets
from project.figures.models import Check
from project.figures.numbers import ago

KEPT = 10  # times the duration of drawing
# Seconds after which a page fetches itself anew: short periods, and long ones, whose pages are large.
SOON, LATER = 5, 30


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Show the period that was asked for, or the usual one where there is no such."""
    period = periods.asked(request.GET.get("days")) or periods.latest(periods.USUAL)
    as_of, shown = figures(period)
    age = timezone.now() - as_of
    context = {
        "period": period,
        "lengths": periods.LENGTHS,
        "every": SOON if len(period) <= periods.USUAL else LATER,
        "as_of": as_of,
        "age": age,
        "ago": ago(age),
        "zone": settings.STATISTICS_TIME_ZONE,
        "check": Check.objects.first(),
        "figures": shown,
    }
    return render(request, "figures/overview.html", context)


def figures(period: periods.Period) -> tuple[datetime, SafeString]:
    """Return the figures as HTML, and the instant for which they are true.

    They are kept ten times as long as it took to draw them: then readers, however many, take a tenth of a processor.
    """
    key = f"statistics:{settings.STATISTICS_TIME_ZONE}:{period.first}:{period.last}:{get_language()}"
    kept: tuple[datetime, SafeString] | None = cache.get(key)
    if kept:
        return kept
    began = time.monotonic()
    drawn = (reading.as_of(), draw(period))  # in this order: what is read after it can only be newer
    cache.set(key, drawn, timeout=KEPT * (time.monotonic() - began))
    return drawn


def draw(period: periods.Period) -> SafeString:
    """Return the cards, and the currencies that have none, as HTML."""
    sales = reading.sales(period)
    made = [card for each in sales[: reading.CHARTED] for card in (cards.revenue(each), cards.best(each))]
    if sales:
        made.append(cards.orders(sales, period))
    made.append(cards.writing(period))
    context = {"period": period, "sold": bool(sales), "cards": made, "others": sales[reading.CHARTED :]}
    return render_to_string("figures/figures.html", context)


@require_safe
def table(request: HttpRequest, name: str) -> StreamingHttpResponse | HttpResponse:
    """Send a table as CSV. Unlike a page, a file of other days than were asked for would not be noticed: 400."""
    if name not in spreadsheets.TABLES:
        raise Http404
    period = periods.asked(request.GET.get("days"))
    if period is None:
        lengths = ", ".join(map(str, periods.LENGTHS))
        return HttpResponseBadRequest(
            f"days is not understood; expected one of {lengths}.\n", content_type="text/plain"
        )
    return spreadsheets.answer(f"{name}-{period.first}-{period.last}.csv", spreadsheets.TABLES[name](period))
