"""The figures app."""

from django.apps import AppConfig


class FiguresConfig(AppConfig):
    """See `checking`."""

    name = "project.figures"
