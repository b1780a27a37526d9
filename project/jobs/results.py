"""Results, kept with django-celery-results for people to read. The ledger is the truth: a lost result stops nothing."""

from typing import Any

import structlog
from celery import states
from django.db import DatabaseError, InterfaceError
from django_celery_results.backends import DatabaseBackend

from project.jobs.patience import look_at_connection

log = structlog.get_logger(__name__)


class Backend(DatabaseBackend):  # type: ignore[misc]  # the package has no types
    """The package's, on a connection that was looked at.

    A worker's parent writes here what its children did not live to write. Nothing else makes it look whether the
    connection that it keeps has died, and an error would end the worker.
    """

    def _store_result(self, task_id: str, *args: Any, **kwargs: Any) -> Any:
        look_at_connection()
        try:
            return super()._store_result(task_id, *args, **kwargs)
        except (DatabaseError, InterfaceError) as error:
            log.warning("result_lost", job=task_id, error=f"{type(error).__name__}: {error}".strip())
            return None

    def _get_task_meta_for(self, task_id: str) -> Any:
        look_at_connection()
        try:
            return super()._get_task_meta_for(task_id)
        except (DatabaseError, InterfaceError):
            return {"status": states.PENDING, "result": None}  # Celery's word for "nothing is known"
