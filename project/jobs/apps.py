"""The jobs app."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """The ledger."""

    name = "project.jobs"
    verbose_name = "Jobs"

    def ready(self) -> None:
        """Register the system checks."""
        from project.jobs import checks  # noqa: F401, PLC0415  models are ready only now
