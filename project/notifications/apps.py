"""The notifications app."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """See `models`."""

    name = "project.notifications"
