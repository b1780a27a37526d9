"""Addresses: how two are compared, and how a domain is written where only ASCII may stand."""

import re

from django.utils.encoding import punycode

LONGEST = 254  # characters, as the tables
ANGLED = re.compile(r"<([^<>]+)>\s*$")  # RFC 5322, 3.4: what stands before it is a name


def normal(address: str) -> str:
    """Return the address as it is compared: without a name, neither case nor the domain's spelling tell people apart.

    Providers tell of ada@xn--bcher-kva.example what was written to ada@bücher.example.
    """
    angled = ANGLED.search(address)
    local, at, domain = (angled.group(1) if angled else address).strip().lower().rpartition("@")
    return f"{local}{at}{in_ascii(domain)}"[:LONGEST]


def in_ascii(domain: str) -> str:
    """Return a domain as DNS has it (RFC 3490); as it is where it cannot be one."""
    try:
        return punycode(domain)
    except UnicodeError:
        return domain
