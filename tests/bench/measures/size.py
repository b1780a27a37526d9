"""How much is measured, and what it is when nothing was."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Size:
    """How much of each.

    saves: one by one, on either database. many: in one transaction, with or without a save each; also what recovery
    publishes and what is folded. jobs: what is drained; window: the seconds after the first of them in which it is.
    idle, busy: saves whose jobs' start is waited for, few and many a second. rows: of a ledger that is old.
    blocks: of steps on either ledger.
    """

    rounds: int
    saves: int
    many: int
    jobs: int
    window: float
    idle: int
    busy: int
    rows: int
    blocks: int


LONG = Size(rounds=3, saves=600, many=10_000, jobs=10_000, window=12.0, idle=40, busy=500, rows=1_000_000, blocks=10)
QUICK = Size(rounds=1, saves=300, many=2000, jobs=2000, window=4.0, idle=20, busy=200, rows=100_000, blocks=6)


class Stuck(Exception):
    """A peer did not do what was measured."""
