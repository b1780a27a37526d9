"""Feed: jobs that are published only as fast as a limit allows; until then the ledger holds them, and no worker waits.

A task may be limited for the whole fleet (`at_once`, `per_second`), and a queue's jobs of low priority are: so few of
them are in the broker that what is asked for afterwards soon has its turn. Such jobs are of a feed, a row to lock.
"""

from collections.abc import Iterable

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from project.jobs import folding
from project.jobs.clock import database_time
from project.jobs.models import Feed, Job, State
from project.jobs.pauses import paused
from project.jobs.registry import Task, registered

LOW_AT_ONCE = 20  # jobs of low priority that a queue's broker and workers have in hand
MOST = 1000  # jobs in one go


def feed_of(task: "Task[..., object]", priority: int) -> str:
    """Return the name of the feed of a job, or "" for what is published at once."""
    if task.at_once or task.per_second:
        return f"task {task.name}"
    return f"low {task.queue}" if priority < 0 else ""


def limits() -> dict[str, tuple[int, float]]:
    """Return all feeds: how many jobs may be in hand, and how many may be published a second (0: any number)."""
    tasks = [task for task in registered.values() if task.at_once or task.per_second]
    found = {f"task {task.name}": (task.at_once or MOST, task.per_second) for task in tasks}
    return found | {f"low {queue}": (LOW_AT_ONCE, 0.0) for queue in settings.QUEUES}


def take(feed: str) -> list[Job]:
    """Mark as published what the feed's limit allows now, and return it. Raises nothing for a feed that is no more."""
    held = held_by([feed])
    if feed not in limits() or not held.exists():
        return []  # without a lock: on SQLite even an idle transaction would take it
    with transaction.atomic():
        Feed.objects.get_or_create(name=feed, defaults={"tokens": limits()[feed][1]})
        row = Feed.objects.select_for_update().get(name=feed)
        room = room_in(row)
        due = held.select_for_update(skip_locked=True).order_by("-priority", "run_at", "id")
        jobs = folding.fold_due(list(due[:room])) if room > 0 else []
        Job.objects.filter(id__in=[job.id for job in jobs]).update(published_at=Now(), sends=F("sends") + 1)
        row.tokens -= len(jobs)
        row.save()
    return jobs


def held_by(feeds: Iterable[str]) -> "QuerySet[Job]":
    """Return the jobs of feeds that are due and held."""
    due = Job.objects.filter(feed__in=list(feeds), state=State.WAITING, published_at=None, parked="", run_at__lte=Now())
    return due.exclude(feed="").exclude(paused())


def room_in(row: Feed) -> int:
    """Return how many more jobs may be published now. The row is locked, and its tokens are filled up."""
    at_once, per_second = limits()[row.name]
    mine = Job.objects.filter(feed=row.name).exclude(feed="")
    waiting = mine.filter(state=State.WAITING, published_at__isnull=False).count()
    room = at_once - waiting - mine.filter(state=State.RUNNING).count()
    if not per_second:
        row.tokens = room
        return min(room, MOST)
    now = database_time()
    passed = max(0.0, (now - row.filled_at).total_seconds())  # PostgreSQL's "now" is when the transaction began
    row.tokens = min(max(per_second, 1.0), row.tokens + passed * per_second)
    row.filled_at = now
    return min(room, int(row.tokens), MOST)


def let_go(known: Iterable[str]) -> int:
    """Let jobs of feeds that are no more be published at once: their task lost its limit. Returns their number."""
    strays = Job.objects.filter(state=State.WAITING).exclude(feed="").exclude(feed__in=list(known))
    return strays.update(feed="") if strays.exists() else 0
