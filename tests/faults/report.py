"""The table."""

from tests.faults.verdict import HEADINGS, LONGEST, QUIET

WIDTH = 76  # characters of a heading


def table(results):
    """Return the table of several runs, a column each. results: by the column's name."""
    lines = ["", row("", results)]
    lines += [row(heading, [result["counted"][heading] for result in results.values()]) for heading in HEADINGS]
    lines.append(row(f"{QUIET} (under {LONGEST})", [result["quiet"] for result in results.values()]))
    notes = next(iter(results.values()))["notes"]
    lines += ["", *(row(key, [short(result["notes"][key]) for result in results.values()]) for key in notes)]
    kinds = sorted({kind for result in results.values() for kind in result["faults"]})
    lines += ["", row("faults given", [sum(result["faults"].values()) for result in results.values()])]
    lines += [row(f"  {kind}", [result["faults"].get(kind, 0) for result in results.values()]) for kind in kinds]
    return "\n".join(lines + [line for name, result in results.items() for line in details(name, result)])


def row(heading, cells):
    return f"{heading:<{WIDTH}}" + "".join(f"{cell!s:>16}" for cell in cells)


def short(value):
    return ", ".join(f"{name} {number}" for name, number in value.items()) if isinstance(value, dict) else value


def details(name, result):
    """Yield the versions, and examples of what must not be."""
    yield ""
    yield f"{name}: " + ", ".join(f"{what} {number}" for what, number in result["versions"].items())
    for heading, sentences in result["examples"].items():
        yield f"{name}: {heading}:"
        yield from (f"    {sentence[:300]}" for sentence in sentences)
