"""The files of an invoice, for its customer and for staff: the PDF, and the same as XML."""

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from project.orders import einvoice
from project.orders.frozen import from_json
from project.orders.models import Invoice
from project.orders.views import visible

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase

    from project.accounts.requests import SignedIn


@require_safe
@login_required
def pdf(request: "SignedIn", number: str, name: str) -> "HttpResponseBase":
    """Serve the PDF of an order's invoice or credit note."""
    invoice = found(request, number, name)
    if not invoice.pdf:
        return absent(request, f"The PDF of {invoice} is not rendered yet. Please try again in a moment.")
    try:
        file = invoice.pdf.open("rb")
    except FileNotFoundError:
        return absent(
            request, f"The PDF of {invoice} is not where it was put. Please tell us, and take the XML for now."
        )
    return FileResponse(file, as_attachment=True, filename=f"{invoice}.pdf", content_type="application/pdf")


@require_safe
@login_required
def xml(request: "SignedIn", number: str, name: str) -> HttpResponse:
    """Serve an order's invoice or credit note as XML."""
    invoice = found(request, number, name)
    content = from_json(invoice.content)
    if not einvoice.fits(content):
        return absent(
            request, f"{invoice} has amounts of three decimals, and e-invoices have two. Please take the PDF."
        )
    headers = {"Content-Disposition": f'attachment; filename="{invoice}.xml"'}
    return HttpResponse(einvoice.xml_of(content), content_type="application/xml", headers=headers)


def absent(request: "SignedIn", reason: str) -> HttpResponse:
    """Say why a file is not there."""
    return render(request, "404.html", {"reason": reason}, status=404)


def found(request: "SignedIn", number: str, name: str) -> Invoice:
    """Return the invoice of this name, where its order is visible. Another's is not there: 404."""
    for invoice in visible(request, number).invoices.select_related("series"):
        if str(invoice) == name:
            return invoice
    raise Http404
