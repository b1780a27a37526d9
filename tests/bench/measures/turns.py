"""Processes that take turns: each measures once for every line that it is sent."""

import json

from tests.bench.measures.size import Stuck


def answer(started):
    """Let a process measure once. Returns what it says."""
    started.stdin.write("\n")
    started.stdin.flush()
    line = started.stdout.readline()
    if not line:
        raise Stuck(f"{' '.join(started.args[1:])} ended with {started.wait()}")
    return json.loads(line)
