"""The list of products. A product's own page takes orders: see `project/orders/views.py`."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from project.catalog.models import Product

PAGE = 24  # products


@require_safe
def product_list(request: HttpRequest) -> HttpResponse:
    """List the products."""
    products = Product.objects.select_related("photo").prefetch_related("photo__renditions")
    page = Paginator(products, PAGE).get_page(request.GET.get("page"))
    return render(request, "catalog/list.html", {"page": page})
