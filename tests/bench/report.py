"""The results as Markdown."""

from tests.bench.peers import PEERS
from tests.bench.peers.peer import TOGETHER
from tests.bench.probe import PACE

NONE = "-"
BEGIN, END = "<!-- measured -->", "<!-- end of what was measured -->"


def markdown(found):
    """Return all tables, with what they were measured on."""
    size, figures = found["size"], found["figures"]
    parts = [
        where(found),
        table("One save with one job", figures, ("save_us", "save_cpu_us", "save_bare_us"), COST),
        table(
            f"One transaction with {size['storm']:,} saves", figures, ("storm_s", "storm_cpu_s", "storm_bare_s"), STORM
        ),
        table(f"Draining, {TOGETHER} jobs at once", figures, ("drain_per_s", "drain_cpu_us"), DRAIN),
        table(f"From commit to start, {PACE} jobs a second", figures, ("latency_p50_ms", "latency_p95_ms"), LATENCY),
        promises(found["raw"]),
        amiss(found["raw"]),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


COST = ("added us", "added processor us", "bare save us")
STORM = ("added s", "added processor s", "bare s")
DRAIN = ("jobs/s", "workers' processor us a job")
LATENCY = ("p50 ms", "p95 ms")


def where(found):
    """Return the machine, the versions and the size in two paragraphs."""
    at, size = found["machine"], found["size"]
    versions = ", ".join(f"{name} {number}" for name, number in at["versions"].items())
    return (
        f"{at['at']}, {at['cores']} cores ({at['processor']}), {at['memory_gb']} GB, {at['system']}, Python "
        f"{at['python']}, {', '.join(at['servers'])}. Load {at['load']} before, {at['load_after']} after (of which the "
        f"measurements themselves make about 2). Rounds: {size['rounds']}.\n\nVersions: {versions}."
    )


def table(title, figures, measures, heads):
    """Return one table; its first measure has the ratio and orders the rows."""
    first = figures[measures[0]]
    if not first:
        return ""
    is_rate = measures[0].endswith("per_s")
    names = sorted(first, key=lambda name: first[name]["median"], reverse=is_rate)
    lines = [f"## {title}", "", row("", heads[0], "rounds", "against Celery", *heads[1:])]
    lines.append("|---" + "|---:" * (len(heads) + 2) + "|")
    for name in names:
        figure = first[name]
        others = [number(figures[measure].get(name, {}).get("median")) for measure in measures[1:]]
        apart = f"{number(figure['low'])} to {number(figure['high'])}" if figure["rounds"] > 1 else NONE
        title = f"**{PEERS[name].title}**" if PEERS[name].is_ours else PEERS[name].title
        lines.append(row(title, number(figure["median"]), apart, number(figure["ratio"]), *others))
    return "\n".join(lines)


def into_docs(folder, text, picture):
    """Put the tables between the marks of docs/performance.md, and the chart beside it."""
    page = folder / "performance.md"
    before, _, rest = page.read_text().partition(BEGIN)
    after = rest.partition(END)[2]
    page.write_text(f"{before}{BEGIN}\n\n![The same as bars](performance.svg)\n\n{text}\n{END}{after}")
    (folder / "performance.svg").write_text(picture)


def row(*cells):
    return "| " + " | ".join(cells) + " |"


def number(value):
    """Return it with three figures that say something."""
    if value is None:
        return NONE
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}" if abs(value) >= 0.1 else f"{value:.3f}"


def promises(raw):
    """Return what each promises: who is fast because less is kept."""
    names = [name for name in raw if not name.startswith("ours-")]
    rows = [row(PEERS[name].title, PEERS[name].keeps, PEERS[name].lost) for name in names]
    return "\n".join(["## What each keeps", "", row("", "a job is", "what may be lost"), "|---|---|---|", *rows])


def amiss(raw):
    """Return what could not be measured, ran twice, or never ran."""
    lines = []
    for name, measures in raw.items():
        if "failed" in measures:
            lines.append(f"- {PEERS[name].title} could not be set up: {shortly(measures['failed'])}")
            continue
        for what, runs in measures.items():
            lines += [f"- {PEERS[name].title}, {what}: {shortly(run['failed'])}" for run in runs if "failed" in run]
            for kind in ("twice", "missing"):
                if jobs := sum(run.get(kind, 0) for run in runs):
                    lines.append(f"- {PEERS[name].title}, {what}: {jobs} jobs {kind}")
    return "\n".join(["## Amiss", "", *lines]) if lines else ""


def shortly(reason):
    return " ".join(reason.split())[-200:]
