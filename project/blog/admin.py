"""Posts and comments in the admin."""

from django.contrib import admin

from project.blog.models import Comment, DailyWriting, Post, PostStatistics
from project.jobs.admin import Derived


@admin.register(Post)
class PostAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Posts."""

    list_display = ("title", "author", "published_at", "updated_at")
    list_select_related = ("author",)
    raw_id_fields = ("author",)
    readonly_fields = ("slug",)
    search_fields = ("title",)


@admin.register(Comment)
class CommentAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Comments."""

    list_display = ("__str__", "author", "created_at")
    list_select_related = ("author",)
    raw_id_fields = ("post", "author")
    search_fields = ("text",)


@admin.register(PostStatistics)
class PostStatisticsAdmin(Derived, admin.ModelAdmin):  # type: ignore[type-arg]
    """Counts."""

    list_display = ("post", "comments", "as_of")
    list_select_related = ("post",)


@admin.register(DailyWriting)
class DailyWritingAdmin(Derived, admin.ModelAdmin):  # type: ignore[type-arg]
    """What was written on each day."""

    list_display = ("day", "posts", "comments", "as_of")
    date_hierarchy = "day"
