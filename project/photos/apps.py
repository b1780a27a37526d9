"""The photos app."""

from django.apps import AppConfig


class PhotosConfig(AppConfig):
    """See `models`."""

    name = "project.photos"
