"""Orders and invoices in the admin, to look at: what is done to an order is done on its page."""

from django.contrib import admin

from project.jobs.admin import Derived, ReadOnly
from project.orders.models import BillingAddress, Invoice, InvoiceSeries, Order, OrderLine, Refund, RefundLine, Reminder


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
    exclude = ("pdf", "content")
    search_fields = ("=order__number",)


class UnitInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    """The lines of a refund."""

    model = RefundLine
    extra = 0


@admin.register(Refund)
class RefundAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Refunds."""

    list_display = ("order", "at", "reason", "by")
    list_select_related = ("order", "by")
    inlines = (UnitInline,)
    search_fields = ("=order__number",)


@admin.register(Reminder)
class ReminderAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Reminders."""

    list_display = ("invoice", "number", "at")
    list_select_related = ("invoice__series",)


@admin.register(BillingAddress)
class BillingAddressAdmin(Derived, admin.ModelAdmin):  # type: ignore[type-arg]
    """Billing addresses; its owner changes it, and it goes with them."""

    list_display = ("user", "name", "company", "country")
    list_select_related = ("user",)
