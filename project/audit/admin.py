"""The audit trail in the admin, to look at."""

from django.contrib import admin

from project.audit.models import AuditEntry
from project.jobs.admin import ReadOnly


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Who changed what."""

    list_display = ("at", "actor", "action", "target")
    list_filter = ("action",)
    search_fields = ("=target", "=actor")
