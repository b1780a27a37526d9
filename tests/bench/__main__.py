"""Measures ours and peers side by side, on a PostgreSQL and a Redis of its own: `make bench` starts it.

Peers take turns within a round, each time in fresh processes, on a fresh database. The figures are this machine's; the
ratios within one run are what can be compared. Nothing else should run meanwhile.
"""

import argparse
import json
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path

from tests.bench import chart, report, rounds
from tests.bench.figures import figures
from tests.bench.machine import load, machine
from tests.bench.measures import MEASURES
from tests.bench.measures.size import LONG, QUICK
from tests.bench.peers import PEERS
from tests.bench.world import World
from tests.faults.databases import LeftOut
from tests.support import ROOT


def main():
    # A run that is told to end tidies up as one that is interrupted.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    options = parsed()
    try:
        size = QUICK if options.quick else LONG
        found = run(rounds.chosen(options), replace(size, rounds=options.rounds or size.rounds))
    except LeftOut as reason:
        sys.stderr.write(f"LEFT OUT: the measurements: {reason}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("interrupted, and tidied up\n")
        return 130
    write(options.results, found)
    if options.docs:
        report.into_docs(ROOT / "docs", report.markdown(found), chart.svg(found["figures"]))
    return 0


def parsed():
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", action="append", choices=PEERS, metavar="NAME", help=", ".join(PEERS))
    parser.add_argument("--measure", action="append", choices=MEASURES, metavar="NAME", help=", ".join(MEASURES))
    parser.add_argument("--quick", action="store_true", help="one round, less of each, and of the main peers")
    folder = ROOT / "var" / "bench"
    parser.add_argument("--rounds", type=int, help="3, or 1 with --quick")
    parser.add_argument("--docs", action="store_true", help="put the tables and the chart into docs/ too")
    parser.add_argument("--results", type=Path, default=folder, help="where results.json, .md and .svg go; var/bench")
    return parser.parse_args()


def run(chosen, size):
    """Measure what was chosen. Returns all that was found, and on what."""
    before, began = load(), time.monotonic()
    with World() as world:
        raw = rounds.measure(world, chosen, size)
        at = machine(world) | {"load": before, "load_after": load()}
    at["minutes"] = round((time.monotonic() - began) / 60)
    return {"machine": at, "size": vars(size), "raw": raw, "figures": figures(raw)}


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
