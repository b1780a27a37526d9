"""The invoice for people, set by Typst: a PDF/A-3b that holds the invoice for machines. See `docs/decisions`."""

import io
import json
from datetime import date
from decimal import Decimal
from itertools import accumulate
from pathlib import Path
from typing import Any
from unicodedata import bidirectional

from project.orders import einvoice
from project.orders.content import Content, Party, RateSum
from project.orders.fonts import fonts, legible

TEMPLATE = Path(__file__).with_name("invoice.typ")
XMP = Path(__file__).with_name("factur-x.xmp")
SCHEMAS = "<pdfaExtension:schemas><rdf:Bag>"


def render(content: Content) -> bytes:
    """Return the PDF: the same bytes for the same content."""
    if not einvoice.fits(content):
        return typeset(content)
    return announced(typeset(content, einvoice.xml_of(content)))


def typeset(content: Content, xml: bytes = b"") -> bytes:
    """Return the PDF as Typst makes it, with the XML attached."""
    import typst  # noqa: PLC0415  the web process imports this module, and must not the library

    # All that people wrote goes in as data: it is never read as Typst.
    data = {"invoice": json.dumps(shown(content)), "xml": xml.decode()}
    pdf = typst.compile(str(TEMPLATE), format="pdf", font_paths=fonts(), sys_inputs=data, pdf_standards="a-3b")
    if not isinstance(pdf, bytes):
        raise TypeError(f"Typst returned {type(pdf).__name__}; expected the PDF's bytes.")
    return pdf


def announced(pdf: bytes) -> bytes:
    """Say in the metadata that the PDF holds an e-invoice, as Factur-X demands; Typst cannot."""
    import pikepdf  # noqa: PLC0415  as above

    with pikepdf.open(io.BytesIO(pdf)) as document:
        metadata = document.Root.Metadata
        metadata.write(with_factur_x(metadata.read_bytes().decode()).encode())
        file = io.BytesIO()
        packed = pikepdf.ObjectStreamMode.generate  # half the size: the tags for screen readers are many small objects
        document.save(file, deterministic_id=True, fix_metadata_version=False, object_stream_mode=packed)
    return file.getvalue()


def with_factur_x(metadata: str) -> str:
    """Return the metadata (XMP) with the words of Factur-X and, as PDF/A demands, with what they mean."""
    said, _, meaning = XMP.read_text().partition("<!--")
    places = {"</rdf:RDF>": said + "</rdf:RDF>", SCHEMAS: SCHEMAS + meaning.partition("-->")[2]}
    for place, text in places.items():
        if metadata.count(place) != 1:
            raise ValueError(f"Typst's metadata has {place} {metadata.count(place)} times; expected it once.")
        metadata = metadata.replace(place, text)
    return metadata


def shown(content: Content) -> dict[str, Any]:
    """Return what the template shows, as text."""
    seller, of = content.seller, content.refers_to
    return {
        "kind": content.kind,
        "number": content.number,
        "order": legible(content.order),
        "date": {"year": content.issued_on.year, "month": content.issued_on.month, "day": content.issued_on.day},
        "issued": day(content.issued_on),
        "due": day(content.due_on),
        "delivered": day(content.delivered_on),
        "refers_to": [of.number, day(of.issued_on)] if of else [],
        "sender": words(" · ".join([seller.name, *address(seller)])),
        "seller": party(seller, seller.country),
        "buyer": party(content.buyer, seller.country),
        "currency": content.currency,
        "lines": lines(content),
        "rates": [{"rate": named(each), "net": money(each.net), "tax": money(each.tax)} for each in content.rates],
        "reasons": [words(each.reason) for each in content.rates if each.reason],
        "net": money(content.net),
        "tax": money(content.tax),
        "gross": money(content.gross),
        "iban": content.iban,
    }


def lines(content: Content) -> list[dict[str, Any]]:
    """Return the lines, each with the sum so far: at a page's end that is carried forward."""
    return [
        {
            "description": words(line.description),
            "quantity": f"{line.quantity:,}",
            "unit_price": money(line.unit_price),
            "rate": percent(line.rate),
            "net": money(line.net),
            "running": money(so_far),
        }
        for line, so_far in zip(content.lines, accumulate(line.net for line in content.lines), strict=True)
    ]


def party(who: Party, home: str) -> dict[str, Any]:
    """Return a seller or buyer; the country is shown abroad."""
    lines = [*address(who), who.country if who.country != home else ""]
    return {
        "name": words(who.name),
        "lines": [words(line) for line in lines if line],
        "vat_id": legible(who.vat_id),
        "email": legible(who.email),
    }


def address(who: Party) -> list[str]:
    """Return the lines of an address."""
    return [*who.address, f"{who.postcode} {who.city}".strip()]


def words(text: str) -> dict[str, Any]:
    """Return what people wrote, and whether it is written from the right: its first letter says so, as in UAX 9."""
    said = legible(text)
    first = next((direction for direction in map(bidirectional, said) if direction in {"L", "R", "AL"}), "L")
    return {"said": said, "rtl": first != "L"}


def day(on: date) -> str:
    """Return a date that nobody reads the other way round."""
    return f"{on.day} {on:%B %Y}"


def money(amount: Decimal) -> str:
    """Return an amount with its own decimals and grouped thousands."""
    return f"{amount:,f}"


def percent(rate: Decimal) -> str:
    """Return a rate without needless zeros."""
    return f"{rate.normalize():f} %"


def named(rate: RateSum) -> str:
    """Return a rate as the sums name it."""
    return percent(rate.rate) + (" (reverse charge)" if rate.category == "AE" else "")
