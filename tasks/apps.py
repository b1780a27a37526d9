"""Imports every task module at start, so that each worker knows every task."""

from importlib import import_module

from django.apps import AppConfig
from django.conf import settings


class TasksConfig(AppConfig):
    """One module for each queue."""

    name = "tasks"

    def ready(self) -> None:
        """Register the tasks."""
        for queue in settings.QUEUES:
            import_module(f"tasks.{queue}")
