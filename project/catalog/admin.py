"""Products and their figures in the admin."""

from django.contrib import admin

from project.catalog.models import DailySales, DailyTotal, Product, ProductStatistics
from project.jobs.admin import Derived


@admin.register(Product)
class ProductAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Products."""

    list_display = ("name", "price", "currency", "stock")
    prepopulated_fields = {"slug": ("name",)}
    raw_id_fields = ("photo",)
    search_fields = ("name",)


@admin.register(ProductStatistics)
class ProductStatisticsAdmin(Derived, admin.ModelAdmin):  # type: ignore[type-arg]
    """What was sold of each product."""

    list_display = ("product", "orders", "units", "revenue", "as_of")
    list_select_related = ("product",)


@admin.register(DailySales)
class DailySalesAdmin(Derived, admin.ModelAdmin):  # type: ignore[type-arg]
    """What was sold on each day."""

    list_display = ("product", "day", "currency", "orders", "units", "revenue", "as_of")
    list_select_related = ("product",)
    date_hierarchy = "day"


@admin.register(DailyTotal)
class DailyTotalAdmin(Derived, admin.ModelAdmin):  # type: ignore[type-arg]
    """What was sold of all products on each day."""

    list_display = ("day", "currency", "orders", "units", "revenue", "as_of")
    date_hierarchy = "day"
