"""Photographs in the admin: without their files, which are not served there, and without uploads."""

from django.contrib import admin
from django.http import HttpRequest

from project.jobs.admin import Derived
from project.photos.models import Photo, Rendition


@admin.register(Photo)
class PhotoAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Photos: an upload here would be decoded in the web process, so there is none."""

    list_display = ("title", "owner", "width", "height", "uploaded_at")
    list_select_related = ("owner",)
    exclude = ("image",)
    raw_id_fields = ("owner",)
    readonly_fields = ("width", "height", "moves")
    search_fields = ("title",)

    def has_add_permission(self, _request: HttpRequest) -> bool:
        """Photos are uploaded on the site."""
        return False


@admin.register(Rendition)
class RenditionAdmin(Derived, admin.ModelAdmin):  # type: ignore[type-arg]
    """Renditions."""

    list_display = ("photo", "spec", "format", "width", "height", "bytes")
    list_select_related = ("photo",)
    exclude = ("file",)
