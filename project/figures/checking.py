"""The nightly check: a sample of the figures is counted anew; what was wrong is kept, said and put right.

A figure may be behind for good reason: a change has committed, and its job has yet to run. While the check has its turn
no such job can end, so each is seen waiting or running. Its subjects are left out before anything is counted: a wrong
figure among them would be put right unseen.
"""

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from django.db import transaction

from project.blog.models import DailyWriting
from project.catalog.models import DailySales
from project.counting import day_of, take_turn
from project.figures.models import Check
from project.figures.subjects import KINDS, Kind
from project.jobs.models import UNSETTLED, Job
from project.orders.models import Order

log = structlog.get_logger(__name__)

SAMPLE = 100  # subjects of a kind
LATEST = 2  # of them the last ones: of today and yesterday, where they are days
SAID, LONGEST = 100, 300  # details that are kept; characters of one

# What a job may be about to count: by its task and parameter, the kind of its subjects. Their names lie above.
AWAITED = {
    ("statistics.recount_sales", "product_ids"): "product",
    ("statistics.recount_sales", "days"): "day of sales",
    ("statistics.recount_blog", "post_ids"): "post",
    ("statistics.recount_blog", "days"): "day of writing",
}
Named = tuple[str, str]  # a kind and one of its subjects


@transaction.atomic(savepoint=False)
def check() -> Check:
    """Count a sample anew, and keep which figures that has changed. Returns what is kept."""
    for model in (DailySales, DailyWriting):
        take_turn(model)
    waited_for = awaited()
    sample = {kind: choose(others(kind, waited_for)) for kind in KINDS}
    before = figures(sample)
    for kind, subjects in sample.items():
        kind.recount(subjects)
    after = figures(sample)
    chosen = {named(kind, each) for kind, subjects in sample.items() for each in subjects}
    checked = chosen - awaited()  # what changed since the first look says nothing
    drifted = sorted(key for key in checked if before.get(key) != after.get(key))
    made = Check.objects.create(
        subjects=len(checked),
        drifted=len(drifted),
        details=[f"{' '.join(key)}: {before.get(key)}, not {after.get(key)}"[:LONGEST] for key in drifted[:SAID]],
    )
    unsure = len(chosen) - len(checked)
    (log.error if drifted else log.info)("figures_checked", subjects=len(checked), drifted=len(drifted), unsure=unsure)
    return made


def named(kind: Kind, subject: Any) -> Named:
    """Return the subject as text, with its kind."""
    return kind.name, str(subject)


def others(kind: Kind, waited_for: set[Named]) -> list[Any]:
    """Return the kind's subjects, but for those."""
    return [each for each in kind.subjects(None) if named(kind, each) not in waited_for]


def choose(subjects: Sequence[Any]) -> list[Any]:
    """Return some at random, and the last ones."""
    earlier, latest = subjects[:-LATEST], subjects[-LATEST:]
    return sorted([*random.sample(earlier, min(len(earlier), SAMPLE - LATEST)), *latest])


def figures(sample: Mapping[Kind, Sequence[Any]]) -> dict[Named, list[str]]:
    """Return all figures of the subjects, as text."""
    found = defaultdict(list)
    for kind, subjects in sample.items():
        for model, column in kind.figures:
            fields = [each.attname for each in model._meta.concrete_fields if each.name not in {"id", "as_of"}]
            rows = model.objects.filter(**{f"{column}__in": subjects}).order_by(*fields)
            for row in rows.values(*fields):
                subject = str(row.pop(column))
                found[kind.name, subject].append(" ".join(map(str, row.values())))
    return dict(found)


def awaited() -> set[Named]:
    """Return the subjects whose recount has been asked for and has yet to end."""
    found, orders = set(), set()
    jobs = Job.objects.filter(task__in={task for task, _ in AWAITED}, state__in=UNSETTLED)
    for task, kwargs in jobs.values_list("task", "kwargs"):
        orders.update(kwargs.get("order_ids", ()))
        for (name, parameter), kind in AWAITED.items():
            found |= {(kind, str(each)) for each in kwargs.get(parameter, ()) if name == task}
    for product, moment in Order.objects.filter(pk__in=orders).values_list("lines__product", "placed_at"):
        found |= {("product", str(product)), ("day of sales", str(day_of(moment)))}
    return found
