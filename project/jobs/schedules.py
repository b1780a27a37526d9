"""Schedules without a process of their own: any worker fires what is due, and ten workers fire it once.

A schedule's times are local ones, as a wall clock shows them. A time that a change of the clocks leaves out is fired
when the clocks have jumped over it; one that comes twice is fired once.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from celery.schedules import crontab
from django.db import transaction

from project.jobs.clock import database_time
from project.jobs.enqueueing import enqueue
from project.jobs.errors import TaskDefinitionError
from project.jobs.models import Firing
from project.jobs.registry import registered

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A task that is enqueued at certain times.

    name: for ever, as a task's. task: its name. at: Celery's own crontab; its times are those of `zone`.
    late: seconds after which a missed time is not made up for. Of several that were missed, the last is.
    """

    name: str
    task: str
    at: crontab
    kwargs: dict[str, Any] = field(default_factory=dict)
    zone: str = "UTC"
    late: float = 24 * 3600.0

    def __post_init__(self) -> None:
        if not isinstance(self.at, crontab) or self.late <= 0:
            raise TaskDefinitionError(
                f"Schedule {self.name!r} has at={self.at!r}, late={self.late}; expected a celery.schedules.crontab "
                "and a number of seconds above zero."
            )
        ZoneInfo(self.zone)

    def last_due(self, now: datetime, since: datetime) -> datetime | None:
        """Return the latest time after `since`, local and without a zone, that is not after `now` and not too late."""
        return next(self.back_from(now, since), None)

    def back_from(self, now: datetime, since: datetime) -> Iterator[datetime]:
        """Yield the local times at which it was due, latest first."""
        zone = ZoneInfo(self.zone)
        oldest = max(since, now - timedelta(seconds=self.late))
        # In wall clock time an hour may be missing or come twice: so step through an hour more than there seems to be.
        local = now.astimezone(zone).replace(tzinfo=None, second=0, microsecond=0) + timedelta(hours=1)
        while (instant := local.replace(tzinfo=zone).astimezone(UTC)) > oldest - timedelta(hours=1):
            if oldest < instant <= now and self.matches(local):
                yield local
            local -= MINUTE

    def matches(self, local: datetime) -> bool:
        """Tell whether the crontab names this minute."""
        at: Any = self.at  # its fields are sets of numbers
        return (
            local.minute in at.minute
            and local.hour in at.hour
            and local.isoweekday() % 7 in at.day_of_week
            and local.day in at.day_of_month
            and local.month in at.month_of_year
        )


def check(schedules: Sequence[Schedule]) -> None:
    """Refuse schedules that could not be fired. Raises TaskDefinitionError."""
    names = [schedule.name for schedule in schedules]
    for schedule in schedules:
        if names.count(schedule.name) > 1:
            raise TaskDefinitionError(f"Two schedules are called {schedule.name!r}; rename one.")
        task = registered.get(schedule.task)
        if task is None:
            known = ", ".join(sorted(registered))
            raise TaskDefinitionError(
                f"Schedule {schedule.name!r} is for task {schedule.task!r}; expected one of {known}."
            )
        try:
            task.signature.bind(**schedule.kwargs)
        except TypeError as error:
            given = ", ".join(schedule.kwargs)
            raise TaskDefinitionError(
                f"Schedule {schedule.name!r}: {task.name} takes {task.signature}, was given ({given})."
            ) from error


def fire_due(schedules: Sequence[Schedule]) -> int:
    """Enqueue what is due and not yet fired by anyone. Returns the number of jobs."""
    now = database_time()
    return sum(fire(schedule, due) for schedule in schedules if (due := schedule.last_due(now, since(schedule))))


def since(schedule: Schedule) -> datetime:
    """Return when the schedule was first seen: what was due before nobody had asked for."""
    return Firing.objects.get_or_create(schedule=schedule.name, due="")[0].fired_at


def fire(schedule: Schedule, due: datetime) -> bool:
    """Enqueue one time's job, unless somebody has. The row and the job commit together."""
    this: dict[str, Any] = {"schedule": schedule.name, "due": f"{due:%Y-%m-%d %H:%M}"}
    if Firing.objects.filter(**this).exists():
        return False  # without a lock: on SQLite even an idle transaction would take it
    with transaction.atomic():
        _, mine = Firing.objects.get_or_create(**this)
        return mine and bool(enqueue(registered[schedule.task], **schedule.kwargs))
