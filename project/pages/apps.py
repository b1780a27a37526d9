"""The pages app."""

from django.apps import AppConfig


class PagesConfig(AppConfig):
    """Base templates, home, health, static files, the sample data."""

    name = "project.pages"
