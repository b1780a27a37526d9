"""Invoices of 40 lines, other ones each time, so that nothing but fonts can be kept from one to the next."""

import time

from tests.bench.probe.peer import PEER
from tests.contents import content, goods

LINES = 40
FIRST = 3  # not measured: they import the library and read the fonts


def render(count):
    """Render them. By the processor's time: it is one core's, whatever else runs."""
    said = [content(*goods(LINES, seed=seed)) for seed in range(FIRST + count)]
    if not all(PEER.invoice(each).startswith(b"%PDF-") for each in said[:FIRST]):
        raise ValueError("it made no PDF")
    began = time.process_time()
    for each in said[FIRST:]:
        PEER.invoice(each)
    return {"rate": count / (time.process_time() - began)}
