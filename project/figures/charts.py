"""Charts as SVG, drawn on the server: no script, no style of their own. Their colours are in `charts.css`.

Of nothing there is no chart: where every value is zero, the functions return "".
"""

import re
import sys
from collections.abc import Callable, Sequence
from decimal import Decimal
from math import ceil, floor, log10
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from pygal import Bar, HorizontalBar, Line, PluginImportFixer
from pygal.etree import etree
from pygal.style import Style

from project.figures.numbers import compact
from project.orders.drafting import written

# It looks for maps of pygal's by a protocol that Python has left: each import that fails would warn of it.
sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, PluginImportFixer)]

WIDTH, HEIGHT = 440, 220  # units: pixels of a card on a wide screen; on a phone it is hardly narrower
ROW = 27  # units of height for each bar of a ranking
STYLE = Style(label_font_size=14, major_label_font_size=14)  # units; by it space is kept for the words
STEPS = 4  # at most, of the axis of values
DATES = 4  # days that are named below a chart
LONGEST = 16  # letters of a name beside a bar; the rest is in its title
FRACTION = re.compile(r"(\.\d)\d+")
CLUTTER = {"defs", "desc", "title", "background", "overlay", "text-overlay", "tooltip-overlay"}  # tags and classes
SHAPE = ("x", "y", "width", "height", "d")  # attributes that hold numbers with more decimals than can be seen

Numbers = Sequence[Decimal | int]


def bars(name: str, days: Sequence[str], values: Numbers, words: Callable[[Any], str]) -> SafeString:
    """Return a bar for each day. words: says a value; name: what the chart is of, for those who do not see it."""
    if not any(values):
        return SafeString()
    chart = Bar(**look(values), **named(days))
    chart.add("", [float(value) for value in values], formatter=str)
    return drawn(chart, name, [f"{day}: {words(value)}" for day, value in zip(days, values, strict=True)])


def lines(name: str, days: Sequence[str], *several: Numbers) -> SafeString:
    """Return a line for each of several."""
    if not any(map(any, several)):
        return SafeString()
    chart = Line(**look([value for values in several for value in values]), **named(days), show_dots=False)
    for values in several:
        chart.add("", [float(value) for value in values])
    return drawn(chart, name)


def ranking(name: str, names: Sequence[str], values: Numbers, words: Callable[[Any], str]) -> SafeString:
    """Return a lying bar for each name, the first at the top."""
    if not any(values):
        return SafeString()
    chart = HorizontalBar(**look(values) | {"height": ROW * len(names) + 40, "margin_right": 24})
    chart.x_labels = [shortened(each) for each in reversed(names)]
    chart.add("", [float(value) for value in reversed(values)], formatter=str)
    titles = [f"{each}: {words(value)}" for each, value in zip(names, values, strict=True)]
    return drawn(chart, name, titles[::-1])


def look(values: Numbers) -> dict[str, Any]:
    """Return what all charts have in common, with an axis of values that begins at zero."""
    ticks = axis(float(max(values)))
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "margin": 4,
        "style": STYLE,
        "range": (0, ticks[-1]),
        "y_labels": ticks,
        "value_formatter": compact,
        "truncate_label": -1,
        "show_legend": False,  # in HTML beside the chart, where its letters keep their size
        "no_prefix": True,
        "css": [],
        "js": [],
    }


def named(days: Sequence[str]) -> dict[str, Any]:
    """Return an axis of days on which a few are named."""
    step = ceil(len(days) / DATES)
    return {"x_labels": days, "x_labels_major": days[step // 2 :: step], "show_minor_x_labels": False}


def axis(most: float) -> list[float]:
    """Return the values that are named beside a chart: from zero to at least the most, in round steps."""
    exact = most / STEPS
    power = 10 ** floor(log10(exact))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= exact * (1 - 1e-9))
    return [number * step for number in range(ceil(most / step - 1e-9) + 1)]


def shortened(name: str) -> str:
    """Return a name that fits beside a bar."""
    name = written(name)
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1].rstrip()}…"


def drawn(chart: Any, name: str, titles: Sequence[str] = ()) -> SafeString:
    """Return the chart as SVG to stand in a page, without what the page's own style sheet does."""
    root = chart.render_tree()
    tidy(root)
    for bar, words in zip(with_class(root, "bar"), titles, strict=bool(titles)):
        etree.SubElement(bar, "title").text = written(words)
    for node in root.iter():
        for attribute in SHAPE:
            if attribute in node.attrib:
                node.attrib[attribute] = FRACTION.sub(r"\1", node.attrib[attribute])
    root.attrib.pop("id")
    root.attrib.update({"role": "img", "aria-label": written(name)})
    svg: str = etree.tostring(root, encoding="unicode")
    return mark_safe(svg)  # noqa: S308  what people wrote is escaped in it


def tidy(node: Any) -> None:
    """Remove style, scripts, titles, and what pygal's own script would show."""
    for child in list(node):
        if not isinstance(child.tag, str) or child.tag in CLUTTER or set(child.get("class", "").split()) & CLUTTER:
            node.remove(child)
        else:
            tidy(child)


def with_class(root: Any, name: str) -> list[Any]:
    """Return the nodes that have a class, in order."""
    return [node for node in root.iter("g") if node.get("class") == name]
