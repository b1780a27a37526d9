"""The words of UN/CEFACT's Cross Industry Invoice: elements, dates, numbers."""

import re
from datetime import date
from decimal import Decimal
from xml.etree import ElementTree as ET

NAMESPACES = {
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
    "qdt": "urn:un:unece:uncefact:data:standard:QualifiedDataType:100",
}
ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # https://www.w3.org/TR/xml/#charsets

for prefix, uri in NAMESPACES.items():
    ET.register_namespace(prefix, uri)


def node(tag: str, *content: str | ET.Element, **attributes: str) -> ET.Element:
    """Return an element of text or of elements, of which the empty ones are left out: the format has none."""
    prefix, _, name = tag.partition(":")
    element = ET.Element(f"{{{NAMESPACES[prefix]}}}{name}", attributes)
    for each in content:
        if isinstance(each, str):
            element.text = ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", each)
        elif each.text or len(each):
            element.append(each)
    return element


def ram(name: str, *content: str | ET.Element, **attributes: str) -> ET.Element:
    """Return an element of the namespace that most are of; `A/B` is a B within an A."""
    *outer, inner = name.split("/")
    element = node(f"ram:{inner}", *content, **attributes)
    for each in reversed(outer):
        element = node(f"ram:{each}", element)
    return element


def day(on: date, namespace: str = "udt") -> ET.Element:
    """Return a date, as format 102 of UNTDID 2379 has it."""
    return node(f"{namespace}:DateTimeString", f"{on:%Y%m%d}", format="102")


def plain(number: Decimal) -> str:
    """Return a number without exponent."""
    return f"{number:f}"


def percent(rate: Decimal) -> str:
    """Return a rate without needless zeros."""
    return plain(rate.normalize())


def money(amount: Decimal, decimals: int) -> str:
    """Return an amount with no more decimals than these. Its own that are more must be zeros."""
    return plain(min(amount, round(amount, decimals), key=lambda each: len(plain(each))))
