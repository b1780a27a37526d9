"""What could not be tried here: skipped aloud, or failed where CI is set, and named at the end of the run."""

import os

import pytest

reasons = {}


def leave_out(what, reason):
    reasons[what] = " ".join(reason.split())
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} cannot run: {reasons[what]}", pytrace=False)
    pytest.skip(f"{what} left out: {reasons[what]}")
