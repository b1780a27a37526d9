"""The results as Markdown: the goals first, then a table for each measurement."""

from statistics import median

from tests.bench import goals
from tests.bench.figures import PHOTOGRAPHS, STEPS
from tests.bench.peers import PEERS
from tests.bench.tables import apart, number, of_peers, table

LONGEST = 240  # characters of a reason
BEGIN, END = "<!-- measured -->", "<!-- end of what was measured -->"
SAVE = ("added us", "added processor us", "bare save us")
IN_ONE = ("added s", "added processor s", "bare s")
DRAIN = ("jobs/s", "workers' processor us a job")
RECOUNTS = ("recount_age_p95_s", "recount_age_p50_s", "recount_rate", "recount_runs", "recount_ms")
RECOUNT_HEADS = ("age p95 s", "age p50 s", "saves/s", "runs", "ms for one of 500 lines")
# title, figures, heads
TABLES = (
    ("One save with one job, PostgreSQL", ("save_us", "save_cpu_us", "save_bare_us"), SAVE),
    ("One save with one job, SQLite", ("sqlite_us", "sqlite_cpu_us", "sqlite_bare_us"), SAVE),
    ("One transaction with {many:,} saves and jobs", ("storm_s", "storm_cpu_s", "storm_bare_s"), IN_ONE),
    ("One transaction with {many:,} jobs and no save", ("many_s", "many_cpu_s"), ("s", "processor s")),
    ("Draining {jobs:,} jobs, two at once", ("drain_per_s", "drain_cpu_us"), DRAIN),
    ("Recovery publishes {many:,} jobs", ("relay_per_s",), ("jobs/s",)),
    ("From commit to start, a save each 120 ms", ("latency_idle_p50_ms",), ("p50 ms",)),
    ("From commit to start, 100 saves a second", ("latency_p99_ms", "latency_p50_ms"), ("p99 ms", "p50 ms")),
    ("Statistics of {many:,} saves, folded", ("fold_s", "fold_runs"), ("seconds of work", "runs")),
    ("Recounts of 100 products among {rows:,} lines, while saves come", RECOUNTS, RECOUNT_HEADS),
    ("Invoices of 40 lines on one core", ("invoices_per_s",), ("a second",)),
    ("Memory of a fleet at rest", ("memory_mb", "memory_processes"), ("MB", "processes")),
)
DRAWN = ("rate", "cpu", "peak", "ssim")
WAY_NAMES = {"ours": "**ours**", "plain": "Pillow, each size from a full decode", "pyvips": "pyvips, effort 2"}
STEP_NAMES = {"enqueue": "enqueue and commit", "claim": "claim and run", "recovery": "a recovery round"}


def markdown(found):
    """Return all tables, with what they were measured on."""
    figures, size, raw = found["figures"], found["size"], found["raw"]
    of_figures = [of_peers(title.format(**size), figures, names, heads) for title, names, heads in TABLES]
    parts = [
        where(found),
        aims(figures),
        *of_figures,
        ledgers(figures, size["rows"]),
        mails(figures),
        pictures(raw),
        promises(raw),
        amiss(raw),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def where(found):
    """Return the machine, the versions and the size in two paragraphs."""
    at, size = found["machine"], found["size"]
    versions = ", ".join(f"{name} {number}" for name, number in at["versions"].items())
    return (
        f"{at['at']}, {at['cores']} cores ({at['processor']}), {at['memory_gb']} GB, {at['system']}, Python "
        f"{at['python']}, {', '.join(at['servers'])}. Load {at['load']} before, {at['load_after']} after (of which the "
        f"measurements themselves make about 2). Rounds: {size['rounds']}, {at['minutes']} minutes.\n\n"
        f"Versions: {versions}."
    )


def aims(figures):
    """Return what must be reached, what is aimed at, and what was reached."""
    heads = ("ours", "against", "better", "verdict", "reached", "limit", "aim")
    rows = [[cell if isinstance(cell, str) else number(cell) for cell in cells] for cells in goals.rows(figures)]
    return table("Goals: ratios of this run", heads, rows, texts=4) + f"\n\n{goals.NOTE}"


def ledgers(figures, rows):
    """Return what each step takes on an old ledger and on an empty one."""
    heads = ("", "old / empty", "rounds", "old us", "empty us")
    lines = []
    for step in STEPS:
        ratio, old, empty = (figures[f"ledger_{step}{what}"].get("ours") for what in ("", "_old_us", "_empty_us"))
        if ratio:
            others = (number(each["median"]) for each in (old, empty))
            lines.append((STEP_NAMES[step], number(ratio["median"]), apart(ratio), *others))
    return table(f"Ours on a ledger of {rows:,} settled jobs", heads, lines)


def mails(figures):
    """Return how many mails go out, and how many by Django's own way."""
    ratio, ours, theirs = (figures[name].get("ours") for name in ("mail_ratio", "mail_per_s", "mail_theirs_per_s"))
    if not ratio:
        return ""
    heads = ("", "ours / Django's", "rounds", "ours a second", "Django's a second")
    line = ("a worker, against `send()` one by one", number(ratio["median"]), apart(ratio))
    line += tuple(number(each["median"]) for each in (ours, theirs))
    return table("Mails through a server that takes 50 ms for each reply", heads, [line])


def pictures(raw):
    """Return how each way draws thumbnails: the medians of the rounds."""
    runs = [run for run in raw.get("ours", {}).get("thumbnails", []) if "failed" not in run]
    lines = []
    for megapixels, way in [(size, way) for size in PHOTOGRAPHS for way in (runs[0][size] if runs else ())]:
        of = [run[megapixels][way] | {"plain": run[megapixels]["plain"]["rate"]} for run in runs]
        ratio = median(each["rate"] / each["plain"] for each in of)
        rate, cpu, peak, likeness = (median(each[what] for each in of) for what in DRAWN)
        cells = number(ratio), number(rate), number(cpu), number(peak), f"{likeness:.4f}"
        lines.append((f"{WAY_NAMES[way]}, {megapixels} megapixels", *cells))
    heads = ("", "against plainly", "pictures/s", "processor ms", "peak MB", "SSIM, the least")
    return table("A JPEG to WebP 160, 480 and 1200 pixels wide", heads, lines)


def promises(raw):
    """Return what each promises: who is fast because less is kept."""
    peers = [PEERS[name] for name in raw if PEERS[name].keeps and not name.startswith("ours-")]
    lines = [(peer.title, peer.keeps, peer.lost) for peer in peers]
    return table("What each keeps", ("", "a job is", "what may be lost"), lines, texts=3)


def amiss(raw):
    """Return what could not be measured, ran twice, or never ran."""
    lines = []
    for name, measures in raw.items():
        title = PEERS[name].title
        if "failed" in measures:
            lines.append(f"- {title} is left out: {shortly(measures['failed'])}")
            continue
        for what, runs in measures.items():
            lines += [f"- {title}, {what}: failed: {shortly(run['failed'])}" for run in runs if "failed" in run]
            for kind in ("twice", "missing"):
                if jobs := sum(run.get(kind, 0) for run in runs):
                    lines.append(f"- {title}, {what}: {jobs} jobs {kind}")
    return "\n".join(["## Amiss", "", *lines]) if lines else ""


def shortly(reason):
    words = " ".join(reason.split())
    return words if len(words) < LONGEST else f"{words[: LONGEST // 3]} ... {words[-LONGEST * 2 // 3 :]}"


def into_docs(folder, text, picture):
    """Put the tables between the marks of docs/performance.md, and the chart beside it."""
    page = folder / "performance.md"
    before, _, rest = page.read_text().partition(BEGIN)
    after = rest.partition(END)[2]
    page.write_text(f"{before}{BEGIN}\n\n![The same as bars](performance.svg)\n\n{text}\n{END}{after}")
    (folder / "performance.svg").write_text(picture)
