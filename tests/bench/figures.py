"""From rounds to figures: a median, and how far the rounds lie apart."""

from statistics import median, quantiles

BETWEEN = "celery"  # whose figures the ratios are against


def figures(raw):
    """Return for each measure and peer its figures: median, lowest, highest, and the ratio against Celery's."""
    found = {
        title: {
            name: spread([value(run) for run in good])
            for name, runs in raw.items()
            if (good := [run for run in runs.get(what, []) if "failed" not in run])
            if "failed" not in runs
        }
        for title, (what, value) in VALUES.items()
    }
    for peers in found.values():
        against = peers.get(BETWEEN)
        for figure in peers.values():
            figure["ratio"] = figure["median"] / against["median"] if against and against["median"] else None
    return found


def spread(values):
    return {"median": median(values), "low": min(values), "high": max(values), "rounds": len(values)}


def added(run):
    """Return what a save takes longer with its job: the median over pairs of neighbouring blocks."""
    return median(announced - bare for bare, announced in zip(run["bare"], run["with"], strict=True))


def added_cpu(run):
    return median(announced - bare for bare, announced in zip(run["bare_cpu"], run["with_cpu"], strict=True))


def percentile_95(run):
    return quantiles(run["waits"], n=20)[-1]


# title: the measurement, and the figure that is taken from one run of it
VALUES = {
    "save_us": ("save", added),
    "save_bare_us": ("save", lambda run: median(run["bare"])),
    "save_cpu_us": ("save", added_cpu),
    "storm_s": ("storm", lambda run: run["with"] - run["bare"]),
    "storm_cpu_s": ("storm", lambda run: run["with_cpu"] - run["bare_cpu"]),
    "storm_bare_s": ("storm", lambda run: run["bare"]),
    "drain_per_s": ("drain", lambda run: run["rate"]),
    "drain_cpu_us": ("drain", lambda run: run["cpu"]),
    "latency_p50_ms": ("latency", lambda run: median(run["waits"])),
    "latency_p95_ms": ("latency", percentile_95),
}
