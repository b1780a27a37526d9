"""The results as a picture: four small bar charts, ours in another colour."""

from html import escape

from tests.bench.peers import PEERS

PANELS = (
    ("save_us", "added to a save, us", "less is better"),
    ("storm_s", "added to a transaction of many saves, s", "less is better"),
    ("drain_per_s", "jobs a second", "more is better"),
    ("latency_p50_ms", "commit to start, median ms", "less is better"),
)
WIDTH, LABEL, BAR, STEP, HEAD = 860, 250, 480, 22, 40  # pixels
OURS, THEIRS = "#0b6e4f", "#9aa5b1"


def svg(figures):
    """Return the chart; a panel that was not measured is left out."""
    parts, top = [], 10
    for measure, title, better in PANELS:
        if found := figures[measure]:
            parts += panel(found, f"{title} ({better})", top, is_rate=measure.endswith("per_s"))
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
