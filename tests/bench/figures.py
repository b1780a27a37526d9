"""From rounds to figures: a median, and how far the rounds lie apart."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median, quantiles

STEPS = ("enqueue", "claim", "recovery")  # on a ledger
PHOTOGRAPHS = ("12", "48")  # megapixels


@dataclass(frozen=True)
class Figure:
    """measure: where it is found. of: takes it from one run. against: whose figure the ratio is against."""

    measure: str
    of: Callable[[dict[str, object]], float]
    against: str = "celery"
    is_rate: bool = False


def figures(raw):
    """Return for each figure and peer: median, lowest, highest, number of rounds, and the ratio."""
    return {title: of_peers(figure, raw) for title, figure in FIGURES.items()}


def of_peers(figure, raw):
    found = {}
    for name, runs in raw.items():
        good = [] if "failed" in runs else [run for run in runs.get(figure.measure, []) if "failed" not in run]
        if good:
            found[name] = spread([figure.of(run) for run in good])
    against = found.get(figure.against, {}).get("median")
    for each in found.values():
        each["ratio"] = each["median"] / against if against else None
    return found


def spread(values):
    return {"median": median(values), "low": min(values), "high": max(values), "rounds": len(values)}


def added(run, key):
    """Return the seconds that are more with jobs than without: the median over pairs of neighbouring blocks."""
    return median(more - less for less, more in zip(run[f"bare{key}"], run[f"with{key}"], strict=True))


def of_one_save(run, key=""):
    return added(run, key) / run["block"] * 1e6


def percentile_99(waits):
    return quantiles(waits, n=100)[-1]


def most(took):
    """Return what it took among the most rows; by their number, which is text where it was read from a file."""
    return took[max(took, key=int)]


def least(took):
    """Return what it took among the fewest."""
    return took[min(took, key=int)]


def saves(prefix, measure):
    """Return the figures of saves one by one, on either database."""
    return {
        f"{prefix}_us": Figure(measure, of_one_save),
        f"{prefix}_cpu_us": Figure(measure, lambda run: of_one_save(run, "_cpu")),
        f"{prefix}_bare_us": Figure(measure, lambda run: median(run["bare"]) / run["block"] * 1e6),
    }


def on_ledgers(step):
    """Return the figures of a step: how much longer it takes on an old ledger, and how long on either."""
    return {
        f"ledger_{step}": Figure("ledger", lambda run: median(run[step]["old"]) / median(run[step]["empty"])),
        f"ledger_{step}_old_us": Figure("ledger", lambda run: median(run[step]["old"])),
        f"ledger_{step}_empty_us": Figure("ledger", lambda run: median(run[step]["empty"])),
    }


def drawn(megapixels):
    """Return the figures of a size of photographs: how many times as many as plainly, and what that takes."""
    return {
        f"drawn_{megapixels}": Figure(
            "thumbnails", lambda run: run[megapixels]["ours"]["rate"] / run[megapixels]["plain"]["rate"], is_rate=True
        ),
        f"drawn_{megapixels}_mb": Figure("thumbnails", lambda run: run[megapixels]["ours"]["peak"]),
        f"drawn_{megapixels}_unlike": Figure("thumbnails", lambda run: 1 - run[megapixels]["ours"]["ssim"]),
    }


FIGURES = {
    **saves("save", "save"),
    **saves("sqlite", "save-sqlite"),
    "storm_s": Figure("storm", lambda run: added(run, "")),
    "storm_cpu_s": Figure("storm", lambda run: added(run, "_cpu")),
    "storm_bare_s": Figure("storm", lambda run: median(run["bare"])),
    "many_s": Figure("many", lambda run: run["seconds"]),
    "many_cpu_s": Figure("many", lambda run: run["cpu"]),
    "drain_per_s": Figure("drain", lambda run: run["rate"], is_rate=True),
    "drain_cpu_us": Figure("drain", lambda run: run["cpu"]),
    "relay_per_s": Figure("relay", lambda run: run["rate"], against="celery-outbox", is_rate=True),
    "latency_idle_p50_ms": Figure("latency", lambda run: median(run["idle"])),
    "latency_p50_ms": Figure("latency", lambda run: median(run["busy"])),
    "latency_p99_ms": Figure("latency", lambda run: percentile_99(run["busy"])),
    "fold_s": Figure("fold", lambda run: run["seconds"], against="celery-kept"),
    "fold_runs": Figure("fold", lambda run: run["runs"], against="celery-kept"),
    "recount_work": Figure("recount", lambda run: run["worked"] / (run["each"] * run["saves"])),
    "recount_growth": Figure("recount", lambda run: most(run["took"]) / least(run["took"])),
    "recount_ms": Figure("recount", lambda run: most(run["took"])),
    "recount_age_p50_s": Figure("recount", lambda run: median(run["ages"])),
    "recount_age_p95_s": Figure("recount", lambda run: quantiles(run["ages"], n=20)[-1]),
    "recount_runs": Figure("recount", lambda run: run["runs"]),
    "recount_rate": Figure("recount", lambda run: run["rate"], is_rate=True),
    "memory_mb": Figure("memory", lambda run: run["megabytes"]),
    "memory_processes": Figure("memory", lambda run: run["processes"]),
    "mail_ratio": Figure("mail", lambda run: run["ratio"], is_rate=True),
    "mail_per_s": Figure("mail", lambda run: run["ours"], is_rate=True),
    "mail_theirs_per_s": Figure("mail", lambda run: run["theirs"], is_rate=True),
    "invoices_per_s": Figure("invoices", lambda run: run["rate"], against="weasyprint", is_rate=True),
    **{title: figure for megapixels in PHOTOGRAPHS for title, figure in drawn(megapixels).items()},
    **{title: figure for step in STEPS for title, figure in on_ledgers(step).items()},
}
