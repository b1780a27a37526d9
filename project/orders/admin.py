"""Orders and invoices in the admin, to look at: what is done to an order is done on its page, or in `placing`."""

from django.contrib import admin

from project.jobs.admin import ReadOnly
from project.orders.models import Invoice, InvoiceSeries, Order, OrderLine


class LineInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    """The lines of an order."""

    model = OrderLine
    extra = 0


@admin.register(Order)
class OrderAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Orders."""

    list_display = ("number", "customer", "status", "total", "currency", "placed_at")
    list_filter = ("status",)
    list_select_related = ("customer",)
    inlines = (LineInline,)
    search_fields = ("=number", "customer__username")


@admin.register(OrderLine)
class OrderLineAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Order lines."""

    list_display = ("order", "description", "quantity", "unit_price", "tax_rate")
    list_select_related = ("order",)


@admin.register(InvoiceSeries)
class InvoiceSeriesAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Invoice series."""

    list_display = ("prefix", "next_number")


@admin.register(Invoice)
class InvoiceAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Invoices and credit notes; their PDF is on the order's page."""

    list_display = ("__str__", "order", "kind", "gross", "issued_at")
    list_filter = ("kind",)
    list_select_related = ("order", "series")
    exclude = ("pdf",)
    search_fields = ("=order__number",)
