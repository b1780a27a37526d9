import pytest
from celery import states
from django.db import connection
from django_celery_results.models import TaskResult

from project.celery import app
from project.jobs.results import Backend

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def no_table(transactional_db):
    """The table of results is away, as a database is that restarts."""
    rename("django_celery_results_taskresult", "away")
    yield
    rename("away", "django_celery_results_taskresult")


def rename(name, to):
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {name} RENAME TO {to}")


def test_the_app_keeps_results_there():
    assert isinstance(app.backend, Backend)


def test_a_result_is_kept_and_read():
    Backend(app).store_result("1", {"units": 3}, states.SUCCESS)
    assert TaskResult.objects.get().status == states.SUCCESS
    assert Backend(app).get_result("1") == {"units": 3}


def test_a_result_that_cannot_be_kept_stops_nothing(no_table):
    Backend(app).store_result("1", {"units": 3}, states.SUCCESS)


def test_a_result_that_cannot_be_read_is_not_known(no_table):
    assert Backend(app).get_state("1") == states.PENDING
