"""Does one thing and prints what it found as JSON: `python -m tests.bench.probe MODULE.FUNCTION [NUMBER ...]`."""

import json
import sys
from importlib import import_module

import django


def main():
    django.setup()
    what, *numbers = sys.argv[1:]
    module, function = what.split(".")
    # Their models are ready only now.
    found = getattr(import_module(f"tests.bench.probe.{module}"), function)(*map(int, numbers))
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
