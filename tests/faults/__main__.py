"""The fault program: commits of all kinds while everything is killed and frozen, and then a count of the facts.

It starts a site, workers, writers, a broker, a database and a mail server of its own, and kills only those. A disk
that is full for media is a small tmpfs where one may be mounted (as root); elsewhere the kernel's limit on the size of
files (RLIMIT_FSIZE), set on the processes that write media.

Exit 0: all holds. 1: something does not, or the control lost nothing and so the proof proves nothing.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.faults.brokers import BROKERS
from tests.faults.databases import DATABASES, LeftOut
from tests.faults.report import table
from tests.faults.run import run
from tests.faults.verdict import holds, lost

LONG = {"seconds": 300, "commits": 10_000}
QUICK = {"seconds": 38, "commits": 500}  # with starting, rest and counting it is a minute


def main():
    # A run that is told to end tidies up as one that is interrupted; a shell's background ignores the latter.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    options = parsed()
    sys.stderr.write(f"seed {options.seed}: {options.database} and {options.broker}\n")
    try:
        results = both(options) if options.both else {"plain" if options.plain else "project": run(options)}
    except LeftOut as reason:
        sys.stderr.write(f"LEFT OUT: faults on {options.database} and {options.broker}: {reason}\n")
        return 1 if os.environ.get("CI") == "true" else 0
    except KeyboardInterrupt:
        sys.stderr.write("interrupted, and tidied up\n")
        return 130
    if options.result:
        options.result.write_text(json.dumps(results))
        return 0
    sys.stdout.write(table(results) + "\n")
    return verdict(results)


def parsed():
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--database", choices=DATABASES, default="postgres")
    parser.add_argument("--broker", choices=BROKERS, default="redis")
    parser.add_argument("--minutes", type=float, help="how long it commits and deals faults; 5")
    parser.add_argument("--commits", type=int, help="how many in that time; 10,000")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6), help="of the faults and the changes")
    parser.add_argument("--quick", action="store_true", help="a minute, all in all")
    parser.add_argument("--plain", action="store_true", help="the control: transaction.on_commit(task.delay)")
    parser.add_argument("--both", action="store_true", help="the project and the control, one after the other")
    parser.add_argument("--keep", action="store_true", help="keep the folder with logs, journals, database and media")
    parser.add_argument("--result", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    usual = QUICK if options.quick else LONG
    options.seconds = options.minutes * 60 if options.minutes else usual["seconds"]
    options.commits = options.commits or usual["commits"]
    return options


def both(options):
    """Make the two runs, each in a process of its own: Django is set up for one database only."""
    results = {}
    for switches in ([], ["--plain"]):
        with tempfile.NamedTemporaryFile(suffix=".json") as file:
            words = [word for word in sys.argv[1:] if word != "--both"] + ["--seed", str(options.seed), *switches]
            command = [sys.executable, "-m", "tests.faults", *words, "--result", file.name]
            with subprocess.Popen(command) as child:
                wait(child)
            if not (text := Path(file.name).read_text()):
                sys.exit(child.returncode)  # it has said why
            results |= json.loads(text)
    return results


def wait(child):
    """Wait for a run; one that is interrupted is told so, and may tidy up."""
    try:
        child.wait()
    except KeyboardInterrupt:
        child.terminate()
        child.wait()
        raise


def verdict(results):
    """Say whether it holds. Returns the exit code."""
    failed = "project" in results and not holds(results["project"])
    blind = "plain" in results and not lost(results["plain"])
    if failed:
        sys.stdout.write("\nFAILED: what must be 0 is not, or quiet took too long.\n")
    if blind:
        sys.stdout.write("\nFAILED: the control lost nothing, so this run proves nothing.\n")
    return 1 if failed or blind else 0


if __name__ == "__main__":
    sys.exit(main())
