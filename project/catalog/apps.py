"""The catalog app."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    """See `models`."""

    name = "project.catalog"
