"""Recounts of figures: how long one takes, and how soon a change is in its figure. Ours only."""

import threading
import time
from datetime import UTC, datetime

from django.db import connections, transaction
from django.db.models import F

from project.catalog.models import ProductStatistics
from project.catalog.statistics import recount_sales
from project.jobs import enqueue
from project.jobs.models import Job
from project.orders.models import OrderLine
from tasks import statistics
from tests.bench.probe.peer import begin, settle
from tests.support import until

SOLD = 100  # products of which something is sold in the storm
LOOK = 0.05  # seconds between two looks at the figures
PATIENCE = 30  # seconds that the last change may take


def recounts(times):
    """Recount the first product again and again. Returns milliseconds of each, but the first, which plans."""
    return {"ms": [1000 * seconds(lambda: recount_sales([1])) for _ in range(1 + times)][1:]}


def seconds(step):
    began = time.perf_counter()
    step()
    return time.perf_counter() - began


def ages(rate, length):
    """Sell evenly of many products. Returns how old each change was when its figure had it, and what that took."""
    begin()
    today = datetime.now(UTC).date()
    sold = OrderLine.objects.filter(order__placed_at__date=today, product__gt=1).order_by("product")[:SOLD]
    lines = dict(sold.values_list("product", "pk"))
    recount_sales(lines, [today])
    each = min(seconds(lambda product=product: recount_sales([product], [today])) for product in list(lines)[:15])
    units = dict(ProductStatistics.objects.filter(product__in=lines).values_list("product", "units"))
    with Watcher(lines) as watcher:
        began, committed = time.monotonic(), []
        for number in range(rate * length):
            product = list(lines)[number % len(lines)]
            units[product] += 1
            sell(product, lines[product], today)
            committed.append((product, units[product], time.monotonic()))
            time.sleep(max(0, began + (number + 1) / rate - time.monotonic()))
        lasted = time.monotonic() - began
        settle()
        until(lambda: watcher.has(units), "all is counted", PATIENCE)
    found = [watcher.first(product, at_least) - at for product, at_least, at in committed]
    jobs = Job.objects.filter(task="statistics.recount_sales", state="succeeded")
    worked = sum((job.finished_at - job.started_at).total_seconds() for job in jobs)
    return {
        "ages": found,
        "missing": rate * length - len(found),
        "saves": len(found),
        "rate": len(found) / lasted,
        "runs": len(jobs),
        "worked": worked,
        "each": each,
    }


@transaction.atomic
def sell(product, line, day):
    """Sell one more, as a receiver would say it."""
    OrderLine.objects.filter(pk=line).update(quantity=F("quantity") + 1)
    enqueue(statistics.recount_sales, **statistics.SALES, product_ids=[product], days=[str(day)])


class Watcher(threading.Thread):
    """Looks at figures, and notes when each number of units was seen first."""

    def __init__(self, products):
        super().__init__(daemon=True)
        self.products, self.seen, self.over = list(products), {product: [] for product in products}, threading.Event()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.join()

    def run(self):
        rows = ProductStatistics.objects.filter(product__in=self.products).values_list("product", "units")
        while not self.over.wait(LOOK):
            for product, units in rows.all():
                if not self.seen[product] or self.seen[product][-1][0] != units:
                    self.seen[product].append((units, time.monotonic()))
        connections.close_all()

    def has(self, units):
        return all(self.seen[product] and self.seen[product][-1][0] == number for product, number in units.items())

    def first(self, product, at_least):
        return next(at for units, at in self.seen[product] if units >= at_least)
