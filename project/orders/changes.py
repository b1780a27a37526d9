"""What is done to an order on its page: paid, cancelled, refunded whole or in part."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from project.orders import placing, refunding
from project.orders.forms import RefundForm
from project.orders.models import Order
from project.orders.views import visible

if TYPE_CHECKING:
    from project.accounts.requests import SignedIn


@require_POST
@login_required
def pay(request: "SignedIn", number: str) -> HttpResponse:
    """Pay an order."""
    return change(request, number, placing.pay)


@require_POST
@login_required
def cancel(request: "SignedIn", number: str) -> HttpResponse:
    """Cancel an order."""
    return change(request, number, lambda order: refunding.cancel(order, by=request.user))


@require_POST
@login_required
def refund(request: "SignedIn", number: str) -> HttpResponse:
    """Refund what is left of an order."""
    return change(request, number, lambda order: refunding.refund(order, by=request.user))


def change(request: "SignedIn", number: str, act: Callable[[Order], Any]) -> HttpResponse:
    """Do it, or say why it cannot be done."""
    order = visible(request, number)
    try:
        act(order)
    except placing.CannotDo as reason:
        messages.error(request, " ".join(reason.messages))
    else:
        messages.success(request, f"Order {order} is {order.get_status_display().lower()}.")
    return redirect(order)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def refund_part(request: "SignedIn", number: str) -> HttpResponse:
    """Refund so many units of some lines of an order."""
    order = visible(request, number)
    form = RefundForm(refunding.lines_left(order), request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            refunding.refund(order, form.units(), reason=form.cleaned_data["reason"], by=request.user)
        except ValidationError as reason:
            form.add_error(None, reason)
        else:
            messages.success(request, "It is refunded. A credit note follows.")
            return redirect(order)
    return render(request, "orders/refund.html", {"order": order, "form": form})
