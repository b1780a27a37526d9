"""The checks of the figures in the admin, to look at."""

from django.contrib import admin

from project.figures.models import Check
from project.jobs.admin import ReadOnly


@admin.register(Check)
class CheckAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Nightly checks."""

    list_display = ("at", "subjects", "drifted")
