"""What the figures of ours must reach and what they aim at, beside what they reached."""

from dataclasses import dataclass

from tests.bench.figures import FIGURES
from tests.bench.peers import PEERS

IN_THE_DATABASE = ("django-tasks-db", "procrastinate", "django-q2")
WRITTEN_TO_IT = (*IN_THE_DATABASE, "celery-outbox")
EACH = ("celery-kept", "ours-each")
NOTE = (
    "Of several the best one counts. Draining leaves django-celery-outbox out, which is shown below: its rows are gone "
    "once they are relayed, so its jobs are not in the database while they run."
)


@dataclass(frozen=True)
class Goal:
    """what: in words. against: the peers of whom the best one counts; nobody where the figure is a ratio itself."""

    what: str
    figure: str
    against: tuple[str, ...]
    limit: float
    aim: float
    ours: str = "ours"

    @property
    def is_rate(self):
        return FIGURES[self.figure].is_rate

    def best(self, figures):
        """Return the name of the best of the others that were measured, if any."""
        found = figures[self.figure]
        there = [name for name in self.against if name in found]
        return (max if self.is_rate else min)(there, key=lambda name: found[name]["median"], default=None)

    def ratio(self, figures):
        """Return what was reached, or None where it was not measured."""
        mine = figures[self.figure].get(self.ours)
        if mine is None or not self.against:
            return mine and mine["median"]
        best = self.best(figures)
        return best and mine["median"] / figures[self.figure][best]["median"]

    def verdict(self, figures):
        ratio = self.ratio(figures)
        if ratio is None:
            return "-"
        reached = [ratio >= line if self.is_rate else ratio <= line for line in (self.limit, self.aim)]
        return ("missed", "within the limit", "aim reached")[sum(reached)]


GOALS = (
    Goal("a save with a job, PostgreSQL", "save_us", ("celery",), 0.40, 0.25),
    Goal("a save with a job, PostgreSQL", "save_us", WRITTEN_TO_IT, 0.60, 0.40),
    Goal("a save with a job, SQLite", "sqlite_us", IN_THE_DATABASE, 0.60, 0.40),
    Goal("many saves in one transaction", "storm_s", ("celery",), 0.10, 0.05),
    Goal("many jobs in one call", "many_s", ("celery",), 0.03, 0.015),
    Goal("draining, one job a message", "drain_per_s", IN_THE_DATABASE, 0.9, 1.3),
    Goal("draining, bundled", "drain_per_s", ("celery-kept",), 3.0, 5.0, "ours-bundle"),
    Goal("draining, bundled", "drain_per_s", ("huey",), 1.3, 2.0, "ours-bundle"),
    Goal("publishing by recovery", "relay_per_s", ("celery-outbox",), 10.0, 30.0),
    Goal("commit to start, idle, p50", "latency_idle_p50_ms", ("celery",), 1.2, 1.0),
    Goal("commit to start, busy, p99", "latency_p99_ms", ("celery-kept",), 1.5, 1.0),
    Goal("seconds of work, folded", "fold_s", EACH, 0.01, 0.003),
    Goal("seconds of recounts, against one for each save", "recount_work", (), 0.20, 0.05),
    Goal("a recount among 100 times as many lines", "recount_growth", (), 1.5, 1.1),
    Goal("age of figures at 200 saves a second, p95 s", "recount_age_p95_s", (), 5.0, 3.0),
    Goal("memory of a fleet", "memory_mb", ("celery",), 1.0, 0.65),
    Goal("memory of one process for all queues", "memory_mb", ("celery",), 0.25, 0.20, "ours-all-in-one"),
    Goal("mails a second, against Django's `send()`", "mail_ratio", (), 15.0, 25.0),
    Goal("invoices of 40 lines", "invoices_per_s", ("weasyprint",), 5.0, 6.0, "ours-pdf"),
    Goal("e-invoices a second on one core", "invoices_per_s", (), 15.0, 20.0, "ours-einvoice"),
    Goal("enqueueing, old ledger against empty", "ledger_enqueue", (), 1.1, 1.0),
    Goal("claim and run, old ledger against empty", "ledger_claim", (), 1.1, 1.0),
    Goal("a recovery round, old ledger against empty", "ledger_recovery", (), 1.1, 1.0),
    Goal("thumbnails of 12 megapixels, against Pillow plainly", "drawn_12", (), 4.0, 5.0),
    Goal("thumbnails of 48 megapixels, against Pillow plainly", "drawn_48", (), 8.0, 10.0),
    Goal("memory for 12 megapixels, MB", "drawn_12_mb", (), 120, 80),
    Goal("memory for 48 megapixels, MB", "drawn_48_mb", (), 120, 80),
    Goal("unlikeness before encoding, 12 megapixels (1 - SSIM)", "drawn_12_unlike", (), 0.005, 0.002),
    Goal("unlikeness before encoding, 48 megapixels (1 - SSIM)", "drawn_48_unlike", (), 0.005, 0.002),
)


def rows(figures):
    """Return the cells of each goal's row, numbers as numbers."""
    for goal in GOALS:
        best = goal.best(figures)
        against = PEERS[best].title if best else ", ".join(PEERS[name].title for name in goal.against) or "-"
        better = "more" if goal.is_rate else "less"
        yield goal.what, against, better, goal.verdict(figures), goal.ratio(figures), goal.limit, goal.aim
