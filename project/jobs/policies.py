"""How often a failing task is tried again, and when it is not."""

import random
from dataclasses import dataclass
from math import isfinite
from socket import gaierror

from project.jobs.errors import JobsError, TaskDefinitionError

LATEST = 30 * 24 * 3600.0  # seconds


class RetryLater(JobsError):
    """Raised by a task that knows when it may be tried again, such as a server that said so.

    after: seconds, at most LATEST: what servers say is not always sensible. It counts as an attempt.
    """

    def __init__(self, reason: str, *, after: float) -> None:
        super().__init__(reason)
        self.after = min(max(after, 0.0), LATEST) if isfinite(after) else LATEST


class GiveUp(JobsError):
    """Raised by a task that knows that another try would end the same: the job is `failed` at once."""


class StopQueue(JobsError):
    """Raised by a task where nothing of its queue can succeed until a person has mended something.

    The queue is paused, with this as the reason, and the job waits with the others; it is no attempt.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What follows from a failed attempt.

    attempts: tries before the job is `failed`.
    base, cap: seconds. After the nth try the wait is drawn between 0 and min(cap, base * 2 ** (n - 1)): exponential
        back-off with full jitter, so that those that failed together do not come back together.
    permanent: errors that will come again however often it is tried; the job is `failed` at once.
    circuit: the dependency that the task cannot do without; see `circuits`.
    unreachable: errors that say that the dependency is away, not that the job is wrong.
    """

    attempts: int = 10
    base: float = 3.0
    cap: float = 600.0
    permanent: tuple[type[Exception], ...] = ()
    circuit: str = ""
    unreachable: tuple[type[Exception], ...] = (ConnectionError, TimeoutError, gaierror)

    def __post_init__(self) -> None:
        if self.attempts < 1 or self.base < 0 or self.cap < 0:
            raise TaskDefinitionError(
                f"A policy has attempts={self.attempts}, base={self.base}, cap={self.cap}; "
                "expected at least one attempt, and seconds that are not negative."
            )

    def wait(self, attempt: int) -> float:
        """Return the seconds to wait after this attempt (the first is 1)."""
        longest = min(self.cap, self.base * 2.0 ** min(attempt - 1, 60))
        return random.uniform(0, longest)  # noqa: S311  spreads load, keeps no secret


# Work on rows and files. The waits are at most 3, 6, 12 ... 384, 600 seconds, half of that on average.
DEFAULT = Policy()

# Mail: servers are away for hours. The waits are at most 7.5, 15, 30, 60, 120, 240 and 240 minutes, half of that on
# average: together 6 hours.
MAIL = Policy(attempts=8, base=450.0, cap=14_400.0, circuit="mail server")
