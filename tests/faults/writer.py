"""A writer: a process that commits at an even pace until its time is over. Killed, it is started again and goes on.

It takes its options as JSON: name, seed, folder, rate (a second), begin, end; one that visits the site also the site.
"""

import json
import sys
import time
from pathlib import Path

import django

CATCHING_UP = 3  # times the rate, after an outage


def main(options):
    django.setup()
    from tests.faults.changes import Changes  # noqa: PLC0415  models are ready only now
    from tests.faults.journal import Journal, read  # noqa: PLC0415  as above
    from tests.faults.kinds import KINDS  # noqa: PLC0415  as above
    from tests.faults.visits import Visits  # noqa: PLC0415  as above

    folder = Path(options["folder"])
    done = read(folder, f"{options['name']}.journal").commits
    journal, seed = Journal(folder / f"{options['name']}.journal"), f"{options['seed']}-{options['name']}-{done}"
    site = options.get("site")
    pace(Visits(journal, seed, **site) if site else Changes(journal, seed, KINDS), options, done)


def pace(changes, options, done):
    """Let it work at its rate: as many transactions as should be done by now, but not all at once."""
    while (now := time.time()) < options["end"]:
        if done >= (now - options["begin"]) * options["rate"]:
            time.sleep(0.01)
            continue
        done += attempt(changes)
        time.sleep(max(0, now + 1 / options["rate"] / CATCHING_UP - time.time()))


def attempt(changes):
    """Make one. Returns whether it is known to have committed; what became of others the count finds out."""
    from django.db import close_old_connections, connection  # noqa: PLC0415  needs the settings

    close_old_connections()
    try:
        return changes.one()
    except Exception as error:  # noqa: BLE001  anything may be away
        sys.stderr.write(f"{type(error).__name__}: {error}\n"[:300])
        connection.close()
        time.sleep(0.2)
        return False


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
