"""Measures ours and peers side by side, on a PostgreSQL and a Redis of its own: `make bench` starts it.

Peers take turns within a round, each time in fresh processes, on a fresh database. The figures are this machine's; the
ratios within one run are what can be compared. Nothing else should run meanwhile.
"""

import argparse
import json
import signal
import sys
import time
from pathlib import Path

from tests.bench import chart, report
from tests.bench.figures import figures
from tests.bench.machine import machine
from tests.bench.measures import MEASURES, Size, Stuck
from tests.bench.peers import PEERS
from tests.bench.world import World
from tests.faults.databases import LeftOut
from tests.support import ROOT

LONG = Size(rounds=3, saves=1000, storm=10_000, jobs=5000, window=12.0, paced=500)
QUICK = Size(rounds=1, saves=400, storm=2000, jobs=1000, window=3.0, paced=100)


def main():
    # A run that is told to end tidies up as one that is interrupted.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    options = parsed()
    size = QUICK if options.quick else LONG
    try:
        with World() as world:
            found = {"machine": machine(world), "size": vars(size), "raw": measure(world, options, size)}
    except LeftOut as reason:
        sys.stderr.write(f"LEFT OUT: the measurements: {reason}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("interrupted, and tidied up\n")
        return 130
    found |= {"machine": found["machine"] | {"load_after": machine()["load"]}, "figures": figures(found["raw"])}
    write(options.results, found)
    if options.docs:
        report.into_docs(ROOT / "docs", report.markdown(found), chart.svg(found["figures"]))
    return 0


def parsed():
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", action="append", choices=PEERS, metavar="NAME", help=", ".join(PEERS))
    parser.add_argument("--measure", action="append", choices=MEASURES, help="all of them")
    parser.add_argument("--quick", action="store_true", help="one round of the main ones, less of each; 3 minutes")
    folder = ROOT / "var" / "bench"
    parser.add_argument("--docs", action="store_true", help="put the tables and the chart into docs/ too")
    parser.add_argument("--results", type=Path, default=folder, help="where results.json, .md and .svg go; var/bench")
    return parser.parse_args()


def measure(world, options, size):
    """Let the peers take turns. Returns what each round of each found, or why it found nothing."""
    names = options.only or [name for name, peer in PEERS.items() if peer.is_quick or not options.quick]
    raw = {name: {} for name in names}
    for name in list(names):
        try:
            world.prepare(name)
        except RuntimeError as error:
            raw[name] = {"failed": str(error)[-300:]}
            names.remove(name)
    for number in range(size.rounds):
        for what in options.measure or MEASURES:
            for name in [name for name in turn(names, number) if what in PEERS[name].measures]:
                began = time.monotonic()
                raw[name].setdefault(what, []).append(one(world, what, name, size))
                seconds = time.monotonic() - began
                sys.stderr.write(f"round {number + 1} of {size.rounds}: {what:8}{name:16}{seconds:6.1f} s\n")
    return raw


def turn(names, number):
    """Return the names in this round's order: who comes after whom changes."""
    start = number % max(1, len(names))
    return [*names[start:], *names[:start]]


def one(world, what, name, size):
    try:
        return MEASURES[what](world, name, size)
    except (Stuck, RuntimeError) as error:
        return {"failed": str(error)[-300:]}


def write(folder, found):
    """Write the results, and print the tables."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "results.json").write_text(json.dumps(found, indent=1))
    text = report.markdown(found)
    (folder / "results.md").write_text(text)
    (folder / "results.svg").write_text(chart.svg(found["figures"]))
    sys.stdout.write(text + f"\nresults.json, results.md and results.svg are in {folder}\n")


if __name__ == "__main__":
    sys.exit(main())
