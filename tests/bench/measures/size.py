"""How much is measured, and what it is when nothing was."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Size:
    """How much of each.

    saves: one by one, on either database. many: in one transaction, with or without a save each; also what recovery
    publishes and what is folded. jobs: what is drained; window: the seconds after the first of them in which it is.
    idle, busy: saves whose jobs' start is waited for, few and many a second. rows: of a ledger that is old.
    blocks: of steps on either ledger. mails: of ours in a block. invoices: of 40 lines each.
    fresh: seconds in which figures are to be fresh. drawn: photographs of each size that each way draws.
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
    mails: int
    invoices: int
    drawn: int
    fresh: int


LONG = Size(
    rounds=3,
    saves=600,
    many=10_000,
    jobs=10_000,
    window=12.0,
    idle=40,
    busy=500,
    rows=1_000_000,
    blocks=30,
    mails=1000,
    invoices=40,
    drawn=15,
    fresh=30,
)
QUICK = Size(
    rounds=1,
    saves=300,
    many=2000,
    jobs=2000,
    window=4.0,
    idle=20,
    busy=200,
    rows=100_000,
    blocks=6,
    mails=300,
    invoices=15,
    drawn=6,
    fresh=10,
)


class Stuck(Exception):
    """A peer did not do what was measured."""
