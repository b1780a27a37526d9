"""The accounts app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """See `models`."""

    name = "project.accounts"
