"""The results as a picture: a few bar charts, ours in another colour."""

from html import escape

from tests.bench.figures import FIGURES
from tests.bench.peers import PEERS

PANELS = (
    ("save_us", "added to a save, PostgreSQL, us"),
    ("storm_s", "added to a transaction of many saves, s"),
    ("many_s", "many jobs asked for in one transaction, s"),
    ("drain_per_s", "jobs a second"),
    ("latency_idle_p50_ms", "commit to start, idle, median ms"),
    ("memory_mb", "memory of a fleet, MB"),
)
WIDTH, LABEL, BAR, STEP, HEAD = 860, 250, 480, 22, 40  # pixels
OURS, THEIRS = "#0b6e4f", "#9aa5b1"


def svg(figures):
    """Return the chart; a panel that was not measured is left out."""
    parts, top = [], 10
    for name, title in PANELS:
        if found := figures[name]:
            is_rate = FIGURES[name].is_rate
            better = "more is better" if is_rate else "less is better"
            parts += panel(found, f"{title} ({better})", top, is_rate=is_rate)
            top += HEAD + STEP * len(found) + 10
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{top}" font-family="sans-serif">'
    return "\n".join([head, '<rect width="100%" height="100%" fill="white"/>', *parts, "</svg>\n"])


def panel(found, title, top, *, is_rate):
    """Return one bar chart, the best on top."""
    longest = max(1e-9, *(figure["median"] for figure in found.values()))
    parts = [f'<text x="10" y="{top + 18}" font-size="14" font-weight="bold">{escape(title)}</text>']
    best_first = sorted(found.items(), key=lambda pair: pair[1]["median"], reverse=is_rate)
    for number, (name, figure) in enumerate(best_first):
        y = top + HEAD - 10 + STEP * number
        length = max(1.0, BAR * figure["median"] / longest)
        label = escape(PEERS[name].title.replace("`", ""))
        colour = OURS if PEERS[name].is_ours else THEIRS
        parts += [
            f'<text x="{LABEL - 8}" y="{y + 13}" font-size="12" text-anchor="end">{label}</text>',
            f'<rect x="{LABEL}" y="{y + 2}" width="{length:.0f}" height="{STEP - 7}" fill="{colour}"/>',
            f'<text x="{LABEL + length + 6:.0f}" y="{y + 13}" font-size="12">{figure["median"]:,.3g}</text>',
        ]
    return parts
