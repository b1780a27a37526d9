"""Tables and numbers as Markdown."""

from tests.bench.figures import FIGURES
from tests.bench.peers import PEERS

NONE = "-"


def table(title, heads, rows, *, texts=1):
    """Return a table whose first columns are text, and nothing where it has no row."""
    rows = [row(*cells) for cells in rows]
    if not rows:
        return ""
    return "\n".join([f"## {title}", "", row(*heads), "|---" * texts + "|---:" * (len(heads) - texts) + "|", *rows])


def row(*cells):
    return "| " + " | ".join(cells) + " |"


def number(value):
    """Return it with three figures that say something."""
    if value is None:
        return NONE
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}" if abs(value) >= 0.1 else f"{value:.3f}"


def apart(figure):
    """Return how far the rounds lie apart."""
    return f"{number(figure['low'])} to {number(figure['high'])}" if figure["rounds"] > 1 else NONE


def of_peers(title, figures, names, heads):
    """Return a table of peers; the first of the figures has the ratio and orders the rows."""
    kind, first = FIGURES[names[0]], figures[names[0]]
    best_first = sorted(first, key=lambda peer: first[peer]["median"], reverse=kind.is_rate)
    rows = []
    for peer in best_first:
        figure = first[peer]
        name = f"**{PEERS[peer].title}**" if PEERS[peer].is_ours else PEERS[peer].title
        others = [number(figures[other].get(peer, {}).get("median")) for other in names[1:]]
        rows.append((name, number(figure["median"]), apart(figure), number(figure["ratio"]), *others))
    against = f"against {PEERS[kind.against].title}"
    return table(title, ("", heads[0], "rounds", against, *heads[1:]), rows)
