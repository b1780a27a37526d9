"""The audit app."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """See `models`."""

    name = "project.audit"
