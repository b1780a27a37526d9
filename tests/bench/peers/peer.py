"""What is said of a peer."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from runpy import run_path

from tests.support import ROOT

TOGETHER = 2  # jobs at once, for all alike
ALL = ("save", "storm", "many", "drain", "latency")
ALL_AND_SQLITE = (*ALL, "save-sqlite")
DJANGO = (sys.executable, "-m", "django")
# Not imported: the project's package would ask for the project's settings.
QUEUES = run_path(str(ROOT / "project" / "queues.py"))["QUEUES"]


@dataclass(frozen=True, kw_only=True)
class Peer:
    """title: its row in the table. module: where `enqueue` or `invoice` is. packages: whose versions are printed.

    keeps: where a job is between the commit and its end. lost: what may become of it. Both are for the table.
    workers: the commands that start its workers, TOGETHER jobs at once in all, each in a process of its own.
    fleet: the commands that start workers for all queues, each with its queue's concurrency.
    measures: what it is measured for; quick: what of that in a quick run.
    table: where its jobs are rows, if they are. queue: the broker's list or queue where they wait, if they do;
    is_relayed: whether only a process beside them brings them there.
    is_live: whether its workers run while what is to be folded is saved.
    """

    title: str
    module: str
    packages: tuple[str, ...]
    keeps: str
    lost: str
    workers: tuple[tuple[str, ...], ...]
    fleet: tuple[tuple[str, ...], ...] = ()
    measures: tuple[str, ...] = ALL
    quick: tuple[str, ...] = ()
    apps: tuple[str, ...] = ()
    settings: Callable[[str], dict[str, object]] = lambda _broker: {}
    table: str = ""
    queue: str = ""
    broker: str = "redis"
    is_ours: bool = False
    is_live: bool = False
    is_relayed: bool = False

    @property
    def schema(self):
        """Return the name of its tables: who has the same apps shares them."""
        return "ours" if self.is_ours else "-".join(self.apps) or "plain"
