"""Rounds: the peers take turns, and what one of them cannot do is no end of the run."""

import sys
import time

from tests.bench.measures import MEASURES
from tests.bench.peers import PEERS


def chosen(options):
    """Return what is measured: for each peer its measures."""
    names = options.only or PEERS
    found = {}
    for name in names:
        peer = PEERS[name]
        has = peer.quick if options.quick and not options.only else peer.measures
        found[name] = [measure for measure in options.measure or MEASURES if measure in has]
    return {name: measures for name, measures in found.items() if measures}


def measure(world, chosen, size):
    """Let the peers take turns. Returns what each round of each found, or why it found nothing."""
    raw, names = {name: {} for name in chosen}, []
    for name, measures in chosen.items():
        try:
            world.prepare(name, on_sqlite="save-sqlite" in measures)
            names.append(name)
        except Exception as error:  # noqa: BLE001  such as a server that is not installed: the others are measured
            raw[name] = {"failed": reason(error)}
    for number in range(size.rounds):
        for what in MEASURES:
            for name in [name for name in turn(names, number) if what in chosen[name]]:
                began = time.monotonic()
                raw[name].setdefault(what, []).append(one(world, what, name, size))
                seconds = time.monotonic() - began
                sys.stderr.write(f"round {number + 1} of {size.rounds}: {what:12}{name:16}{seconds:6.1f} s\n")
    return raw


def turn(names, number):
    """Return the names in this round's order: who comes after whom changes."""
    start = number % max(1, len(names))
    return [*names[start:], *names[:start]]


def one(world, what, name, size):
    try:
        return MEASURES[what](world, name, size)
    except Exception as error:  # noqa: BLE001  whatever it is, the others are measured
        return {"failed": reason(error)}


def reason(error):
    return f"{type(error).__name__}: {error}"
