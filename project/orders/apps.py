"""The orders app."""

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    """See `models`."""

    name = "project.orders"
