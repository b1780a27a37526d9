"""Periods of whole days, in the time zone in which days are counted."""

from dataclasses import dataclass
from datetime import date, timedelta

from project.counting import today

LENGTHS = (7, 30, 90, 365)  # days that can be chosen
USUAL = 30


@dataclass(frozen=True, slots=True)
class Period:
    """The days from the first to the last, both included."""

    first: date
    last: date

    def __len__(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def days(self) -> list[date]:
        """All its days in order."""
        return [self.first + timedelta(days=number) for number in range(len(self))]

    @property
    def before(self) -> "Period":
        """The period of equal length that ends where this one begins."""
        return Period(self.first - timedelta(days=len(self)), self.first - timedelta(days=1))


def latest(length: int) -> Period:
    """Return so many days up to today."""
    last = today()
    return Period(last - timedelta(days=length - 1), last)


def asked(days: str | None) -> Period | None:
    """Return the period that an address asks for, such as `days=90`; the usual one where it asks for none.

    None where it asks for one that cannot be chosen.
    """
    lengths = {str(length): length for length in LENGTHS}
    length = USUAL if days is None else lengths.get(days)
    return latest(length) if length else None
