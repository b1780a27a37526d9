"""Orders: placed on a product's page, then looked at."""

from typing import TYPE_CHECKING, cast
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from project.catalog.models import Product
from project.jobs import jobs_of
from project.orders import placing
from project.orders.forms import AddressForm, QuantityForm, WishForm
from project.orders.models import BillingAddress, Order

if TYPE_CHECKING:
    from project.accounts.requests import SignedIn

PAGE = 20  # orders


@require_http_methods(["GET", "HEAD", "POST"])
def product(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a product, and take orders for it."""
    # The statistics are read by the template, after the jobs: a recount that settles in between is then shown.
    shown = get_object_or_404(Product.objects.select_related("photo"), slug=slug)
    if request.method == "POST" and not request.user.is_authenticated:
        return redirect_to_login(request.path)
    form = QuantityForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and (answer := ordered(cast("SignedIn", request), shown, form)):
        return answer
    jobs = jobs_of(shown) if request.user.is_authenticated else []
    return render(request, "orders/product.html", {"product": shown, "form": form, "jobs": jobs})


def ordered(request: "SignedIn", product: Product, form: QuantityForm) -> HttpResponse | None:
    """Place the order and lead to it, or ask for the address first. None where neither can be: the form says why."""
    quantity = form.cleaned_data["quantity"]
    try:
        order = placing.place(request.user, [placing.Item(product, quantity)])
    except placing.AddressMissing:
        wish = urlencode({"product": product.slug, "quantity": quantity})
        return redirect(f"{reverse('orders:address')}?{wish}")
    except ValidationError as error:
        form.add_error("quantity", error)
        return None
    messages.success(request, f"Thank you. Your order is {order}.")
    return redirect(order)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def address(request: "SignedIn") -> HttpResponse:
    """Show and change one's billing address; an order that waits for it is placed then."""
    mine = BillingAddress.objects.filter(user=request.user).first() or BillingAddress(user=request.user)
    form = AddressForm(request.POST if request.method == "POST" else None, instance=mine)
    wish = WishForm(request.GET)
    wish.is_valid()
    wanted = Product.objects.filter(slug=wish.cleaned_data.get("product", "")).first()
    if form.is_valid():
        form.save()
        return ordered_then(request, wanted, wish)
    quantity = wish.cleaned_data.get("quantity")
    return render(request, "orders/address.html", {"form": form, "wanted": quantity and wanted, "quantity": quantity})


def ordered_then(request: "SignedIn", wanted: Product | None, wish: WishForm) -> HttpResponse:
    """Place the order that waited for the address, if any."""
    if wanted is None:
        messages.success(request, "Your address is saved.")
        return redirect("orders:list")
    answer = ordered(request, wanted, wish) if wish.is_valid() else None
    if answer is None:
        messages.error(request, wish.errors["quantity"].as_text())
    return answer or redirect(wanted)


@require_safe
@login_required
def order_list(request: "SignedIn") -> HttpResponse:
    """List one's own orders, newest first."""
    page = Paginator(request.user.orders.all(), PAGE).get_page(request.GET.get("page"))
    return render(request, "orders/list.html", {"page": page})


@require_safe
@login_required
def detail(request: "SignedIn", number: str) -> HttpResponse:
    """Show an order."""
    order = visible(request, number)
    context = {
        "order": order,
        "lines": order.lines.select_related("product"),
        "refunds": order.refunds.prefetch_related("lines__line"),
        "invoices": order.invoices.select_related("series"),
        "jobs": jobs_of(order),
    }
    return render(request, "orders/detail.html", context)


def visible(request: "SignedIn", number: str) -> Order:
    """Return the order where it is the user's own, or the user is staff. Another's is not there: 404."""
    orders = Order.objects.all() if request.user.is_staff else request.user.orders.all()
    return get_object_or_404(orders, number=number)
