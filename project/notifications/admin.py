"""Deliveries in the admin, to look at."""

from django.contrib import admin

from project.jobs.admin import ReadOnly
from project.notifications.models import Delivery


@admin.register(Delivery)
class DeliveryAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Deliveries."""

    list_display = ("key", "recipient", "subject", "state", "sent_at")
    list_filter = ("state",)
    search_fields = ("=key", "=recipient")
    ordering = ("-id",)
