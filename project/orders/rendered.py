"""Looks whether an invoice's XML and PDF are those of its row."""

import io
from collections.abc import Iterator
from decimal import Decimal
from xml.etree import ElementTree as ET

from django.conf import settings
from django.core.files.storage import default_storage

from project.jobs.models import UNSETTLED, Job
from project.jobs.trail import name_of
from project.orders import einvoice, invoices, pdf
from project.orders.content import Content
from project.orders.models import Invoice


def of_files(invoice: Invoice, content: Content) -> Iterator[str]:
    """Yield what is wrong with the XML and the PDF."""
    xml = einvoice.xml_of(content) if einvoice.fits(content) else None
    if xml and (said := said_by(xml)) != (str(invoice), content.net, content.tax, content.gross):
        yield f"its XML says {said}"
    if not invoice.pdf:
        if not Job.objects.filter(about=name_of(invoice), state__in=UNSETTLED).exists():
            yield "it has no PDF, and no job that would render it waits"
    elif not default_storage.exists(str(invoice.pdf.name)):
        yield "its PDF is not in the media"
    else:
        yield from of_pdf(invoice, content, [xml] if xml else [])


def of_pdf(invoice: Invoice, content: Content, attached: list[bytes]) -> Iterator[str]:
    """Yield what is wrong with the PDF that is there."""
    with invoice.pdf.open("rb") as file:
        made = file.read()
    if embedded_in(made) != attached:
        yield "the XML in its PDF is another one, or none"
    elif not is_ours(invoice, made) and made != pdf.render(content):
        yield "its PDF is not the one that was rendered (or SECRET_KEY_FALLBACKS lacks the key of then)"


def is_ours(invoice: Invoice, made: bytes) -> bool:
    """Tell whether these bytes gave the file its name: nobody can choose others for it without the site's secret."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return invoice.pdf.name in {invoices.name_of(made, secret) for secret in secrets}


def said_by(xml: bytes) -> tuple[str | Decimal, ...]:
    """Return number, net, tax and gross as the XML says them."""
    root = ET.fromstring(xml)  # noqa: S314  it was made a moment ago, here
    sums = ("TaxBasisTotalAmount", "TaxTotalAmount", "GrandTotalAmount")
    said = (Decimal(root.findtext(f".//{{*}}{name}", "NaN")) for name in sums)
    return (root.findtext(".//{*}ExchangedDocument/{*}ID", ""), *said)


def embedded_in(made: bytes) -> list[bytes] | None:
    """Return the files that the PDF carries; None where it cannot be read."""
    import pikepdf  # noqa: PLC0415  a web process has no use for it

    try:
        with pikepdf.open(io.BytesIO(made)) as read:
            return [attached.get_file().read_bytes() for attached in read.attachments.values()]
    except pikepdf.PdfError:
        return None
