"""The blog app."""

from django.apps import AppConfig


class BlogConfig(AppConfig):
    """See `models`."""

    name = "project.blog"
