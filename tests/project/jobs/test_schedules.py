from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from celery.schedules import crontab
from django.db import connections

from project.jobs import TaskDefinitionError, task
from project.jobs.keeper import declared
from project.jobs.models import Firing, Job
from project.jobs.schedules import Schedule, check, database_time, fire_due

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
BERLIN = "Europe/Berlin"


@task(queue="housekeeping")
def tick(*, number: int = 1) -> None:
    """Do nothing."""


def schedule(at, **options):
    return Schedule(**{"name": "s", "task": "test_schedules.tick", "at": at, **options})


def due(schedule, *now, since=LONG_AGO):
    found = schedule.last_due(datetime(*now, tzinfo=UTC), since)
    return found and f"{found:%d %H:%M}"


def test_the_latest_time_that_has_come_is_due():
    daily = schedule(crontab(hour=3, minute=17))
    assert due(daily, 2026, 5, 5, 3, 16, 59) == "04 03:17"
    assert due(daily, 2026, 5, 5, 3, 17) == "05 03:17"


def test_days_of_week_and_month_are_respected():
    mondays = schedule(crontab(hour=0, minute=0, day_of_week="mon"), late=7 * 24 * 3600.0)
    assert due(mondays, 2026, 11, 26, 12, 0) == "23 00:00"
    assert due(schedule(crontab(hour=0, minute=0, day_of_month="1")), 2026, 11, 23, 12, 0) is None


def test_what_is_too_late_is_not_made_up_for():
    hourly = schedule(crontab(minute=0), late=600.0)
    assert due(hourly, 2026, 5, 5, 3, 9) == "05 03:00"
    assert due(hourly, 2026, 5, 5, 3, 11) is None


def test_what_was_due_before_the_schedule_was_there_is_not_fired():
    daily = schedule(crontab(hour=3, minute=0))
    assert due(daily, 2026, 5, 5, 12, 0, since=datetime(2026, 5, 5, 11, 0, tzinfo=UTC)) is None


def times_over(schedule, start, hours):
    """Returns the times that a schedule is due, looking each minute."""
    found = []
    for minute in range(hours * 60):
        now = start + timedelta(minutes=minute)
        last = schedule.last_due(now, start - timedelta(minutes=1))
        if last and last not in found:
            found.append(last)
    return [f"{time:%d %H:%M}" for time in found]


def test_a_time_that_the_clocks_jump_over_is_fired_once_after_the_jump():
    half_past_two = schedule(crontab(hour=2, minute=30), zone=BERLIN)
    assert times_over(half_past_two, datetime(2026, 3, 28, 12, 0, tzinfo=UTC), 36) == ["29 02:30"]


def test_a_time_that_comes_twice_is_fired_once():
    half_past_two = schedule(crontab(hour=2, minute=30), zone=BERLIN)
    assert times_over(half_past_two, datetime(2026, 10, 24, 12, 0, tzinfo=UTC), 36) == ["25 02:30"]


def test_a_daily_time_is_the_wall_clocks_on_both_sides_of_a_change():
    nine = schedule(crontab(hour=9, minute=0), zone=BERLIN)
    assert due(nine, 2026, 3, 28, 8, 0) == "28 09:00"
    assert due(nine, 2026, 3, 29, 7, 0) == "29 09:00"
    assert due(nine, 2026, 10, 25, 8, 0) == "25 09:00"


@pytest.mark.django_db(transaction=True)
def test_many_workers_fire_a_time_once():
    always = [schedule(crontab())]
    fire_due(always)
    Firing.objects.update(fired_at=LONG_AGO)

    def fire(_):
        try:
            return fire_due(always)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(5) as pool:
        fired = sum(pool.map(fire, range(10)))
    assert fired == Job.objects.filter(task="test_schedules.tick").count()
    assert fired in (1, 2), "two where the minute changed meanwhile"
    assert str(Firing.objects.exclude(due="").first()).startswith("s at 20")


def test_a_schedule_that_was_just_added_waits_for_its_time(db):
    assert fire_due([schedule(crontab(hour=3, minute=17))]) == 0
    assert not Job.objects.exists()


def test_time_is_the_databases(db):
    assert abs(database_time() - datetime.now(UTC)) < timedelta(hours=1)
    assert database_time().tzinfo


@pytest.mark.parametrize("wrong", [{"at": "0 3 * * *"}, {"late": 0}, {"late": -1.0}])
def test_a_schedule_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(TaskDefinitionError, match=r"expected a celery\.schedules\.crontab"):
        schedule(**{"at": crontab(), **wrong})


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ([schedule(crontab(), task="old.task")], "is for task 'old.task'; expected one of email"),
        ([schedule(crontab()), schedule(crontab())], "Two schedules are called 's'"),
    ],
)
def test_schedules_that_could_not_be_fired_are_refused(wrong, words):
    with pytest.raises(TaskDefinitionError, match=words):
        check(wrong)


def test_arguments_that_do_not_fit_are_refused():
    with pytest.raises(TaskDefinitionError, match=r"takes \(\*, number: int = 1\).*was given \(nummer\)"):
        check([schedule(crontab(), kwargs={"nummer": 1})])


def test_the_projects_own_schedules_can_be_fired():
    names = ["clear what has expired", "remind of what is overdue", "sweep the media", "check the figures"]
    assert [each.name for each in declared()] == names
