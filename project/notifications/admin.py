"""Deliveries in the admin, to look at; and the suppression list, to change."""

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest

from project.jobs.admin import ReadOnly
from project.notifications.models import Delivery, Suppression


@admin.register(Delivery)
class DeliveryAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Deliveries."""

    list_display = ("key", "kind", "recipient", "subject", "state", "attempts", "sent_at")
    list_filter = ("state", "kind")
    search_fields = ("=key", "=recipient")
    ordering = ("-id",)


@admin.register(Suppression)
class SuppressionAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Whom nobody writes to. Who is taken off is written to again."""

    list_display = ("address", "reason", "since", "source", "by")
    list_filter = ("reason",)
    list_select_related = ("by",)
    search_fields = ("address",)
    readonly_fields = ("since", "by")

    def save_model(self, request: HttpRequest, obj: Suppression, form: ModelForm, change: bool) -> None:  # type: ignore[type-arg]
        """Keep who wrote it."""
        obj.by_id = request.user.pk
        super().save_model(request, obj, form, change)
