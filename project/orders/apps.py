"""The orders app."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class OrdersConfig(AppConfig):
    """See `models`."""

    name = "project.orders"

    def ready(self) -> None:
        """Have the guards of invoices put up after every migration."""
        from project.orders import guards  # noqa: PLC0415  the apps are ready only now

        post_migrate.connect(guards.put_up, sender=self, dispatch_uid="orders.guards")
