"""The list of products, and what was sold. A product's own page takes orders: see `project/orders/views.py`."""

from django.core.paginator import Paginator
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from project.catalog.models import DailySales, Product, ProductStatistics

PAGE = 24  # products
DAYS = 90  # rows of the table of days
PRODUCTS = 100  # rows of the table of products


@require_safe
def product_list(request: HttpRequest) -> HttpResponse:
    """List the products."""
    products = Product.objects.select_related("photo").prefetch_related("photo__renditions")
    page = Paginator(products, PAGE).get_page(request.GET.get("page"))
    return render(request, "catalog/list.html", {"page": page})


@require_safe
def statistics(request: HttpRequest) -> HttpResponse:
    """Show what was sold: by product, and by day; currencies are not added up."""
    days = DailySales.objects.values("day", "product__currency")
    context = {
        "products": ProductStatistics.objects.select_related("product").order_by("-revenue", "product_id")[:PRODUCTS],
        "days": days.annotate(units=Sum("units"), revenue=Sum("revenue")).order_by("-day", "product__currency")[:DAYS],
    }
    return render(request, "catalog/statistics.html", context)
