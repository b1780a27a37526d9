"""Orders: placed on a product's page, then looked at, paid, cancelled, refunded, and their invoices fetched."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from project.catalog.models import Product
from project.jobs import jobs_of
from project.orders import placing
from project.orders.forms import QuantityForm
from project.orders.models import Order

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase

    from project.accounts.models import User
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
    if request.user.is_authenticated and form.is_valid() and (order := placed(request.user, shown, form)):
        messages.success(request, f"Thank you. Your order is {order}.")
        return redirect(order)
    jobs = jobs_of(shown) if request.user.is_authenticated else []
    return render(request, "orders/product.html", {"product": shown, "form": form, "jobs": jobs})


def placed(customer: "User", product: Product, form: QuantityForm) -> Order | None:
    """Place the order. None where that cannot be: the form then says why."""
    try:
        return placing.place(customer, [placing.Item(product, form.cleaned_data["quantity"])])
    except ValidationError as error:
        form.add_error("quantity", error)
        return None


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
        "invoices": order.invoices.select_related("series"),
        "jobs": jobs_of(order),
    }
    return render(request, "orders/detail.html", context)


def visible(request: "SignedIn", number: str) -> Order:
    """Return the order where it is the user's own, or the user is staff. Another's is not there: 404."""
    orders = Order.objects.all() if request.user.is_staff else request.user.orders.all()
    return get_object_or_404(orders, number=number)


@require_POST
@login_required
def pay(request: "SignedIn", number: str) -> HttpResponse:
    """Pay an order."""
    return change(request, number, placing.pay)


@require_POST
@login_required
def cancel(request: "SignedIn", number: str) -> HttpResponse:
    """Cancel an order."""
    return change(request, number, placing.cancel)


@require_POST
@login_required
def refund(request: "SignedIn", number: str) -> HttpResponse:
    """Refund an order."""
    return change(request, number, placing.refund)


def change(request: "SignedIn", number: str, act: Callable[[Order], None]) -> HttpResponse:
    """Do it, or say why it cannot be done."""
    order = visible(request, number)
    try:
        act(order)
    except placing.CannotDo as reason:
        messages.error(request, " ".join(reason.messages))
    else:
        messages.success(request, f"Order {order} is {order.get_status_display().lower()}.")
    return redirect(order)


@require_safe
@login_required
def invoice(request: "SignedIn", number: str, name: str) -> "HttpResponseBase":
    """Serve the PDF of an order's invoice or credit note."""
    order = visible(request, number)
    found = next((each for each in order.invoices.select_related("series") if str(each) == name), None)
    if found is None:
        raise Http404
    if not found.pdf:
        reason = f"The PDF of {found} is not rendered yet. Please try again in a moment."
        return render(request, "404.html", {"reason": reason}, status=404)
    return FileResponse(
        found.pdf.open("rb"), as_attachment=True, filename=f"{found}.pdf", content_type="application/pdf"
    )
