"""How fast photographs are drawn, with how much memory, and how much they look like what slow drawing makes of them."""

import importlib.util
import json
import subprocess
import sys
from contextlib import ExitStack
from statistics import median

from tests.bench.measures.turns import answer
from tests.bench.photograph import photograph
from tests.support import ROOT

SIZES = {"12": (4000, 3000), "48": (8000, 6000)}  # megapixels; pixels
WAYS = ("plain", "ours", "pyvips")


def thumbnails(world, name, size):
    """Let the ways take turns, a picture each, in a process for each. Returns what each took, for each size."""
    return {megapixels: of_size(world, name, megapixels, size.drawn) for megapixels in SIZES}


def of_size(world, name, megapixels, count):
    file = world.folder / f"{megapixels}.jpg"
    if not file.exists():
        file.write_bytes(photograph(*SIZES[megapixels]))
    with ExitStack() as stack:
        ways = [way for way in WAYS if way != "pyvips" or importlib.util.find_spec("pyvips")]
        drawing = {way: stack.enter_context(process(world, name, way, file)) for way in ways}
        # The first has loaded the library.
        turns = [{way: answer(started) for way, started in drawing.items()} for _ in range(1 + count)][1:]
        return {way: summed_up([turn[way] for turn in turns], last(drawing[way])) for way in ways}


def process(world, name, way, file):
    return subprocess.Popen(
        [sys.executable, "-m", "tests.bench.drawing", way, str(file)],
        env=world.environment(name),
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def last(started):
    """Return what a process says at its end."""
    said, _ = started.communicate()
    return json.loads(said)


def summed_up(turns, end):
    """Return the pictures a second, the processor's milliseconds for each, the megabytes and the likeness."""
    rate = 1 / median(turn["seconds"] for turn in turns)
    return {"rate": rate, "cpu": median(turn["cpu"] for turn in turns) * 1e3, **end}
