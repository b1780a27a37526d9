"""The ledger in the admin, to look at; and what other apps' records that nobody edits share."""

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from project.jobs.models import Attempt, Job


class Derived:
    """For what the program makes from other rows: nobody writes it by hand; it goes with what it is made from."""

    show_full_result_count = False  # counting a long table takes longer than showing its first page

    def has_add_permission(self, _request: HttpRequest, _obj: Model | None = None) -> bool:
        """Nobody adds one."""
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Model | None = None) -> bool:
        """Nobody changes one."""
        return False


class ReadOnly(Derived):
    """For records: they are not deleted either."""

    def has_delete_permission(self, _request: HttpRequest, _obj: Model | None = None) -> bool:
        """Nobody deletes one."""
        return False


@admin.register(Job)
class JobAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Jobs; the job pages show more."""

    list_display = ("task", "state", "about", "attempts", "created_at", "finished_at")
    list_filter = ("state", "queue")
    search_fields = ("=about", "=task")
    ordering = ("-id",)


@admin.register(Attempt)
class AttemptAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Attempts."""

    list_display = ("job", "number", "outcome", "error", "finished_at")
    list_filter = ("outcome",)
    list_select_related = ("job",)
    ordering = ("-id",)
