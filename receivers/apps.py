"""Connects every receiver at start."""

from importlib import import_module

from django.apps import AppConfig

MODULES = ("accounts", "blog", "photos", "catalog", "orders", "notifications", "audit")


class ReceiversConfig(AppConfig):
    """One module for each sender's app."""

    name = "receivers"

    def ready(self) -> None:
        """Connect the receivers."""
        for module in MODULES:
            import_module(f"receivers.{module}")
