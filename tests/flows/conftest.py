"""The stacks that the stories run on, and what the end of a run says of them."""

import signal

import pytest

from tests.flows.left_out import reasons
from tests.flows.stack import LANES, Stack, running

MEASURED = pytest.StashKey[list]()


def pytest_configure(config):
    config.stash[MEASURED] = []
    # A run that is told to end tidies up as one that is interrupted: by default it would leave its processes behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.fixture(scope="package", params=LANES)
def stack(request, django_db_blocker):
    """A running site, one for each lane, with everything real."""
    with running(Stack, request.param, django_db_blocker) as made:
        yield made


@pytest.fixture
def measured(request):
    """Takes a line that the end of the run shows."""
    return request.config.stash[MEASURED].append


def pytest_terminal_summary(terminalreporter, config):
    for line in config.stash[MEASURED]:
        terminalreporter.write_line(line)
    for what, reason in reasons.items():
        terminalreporter.write_line(f"LEFT OUT: {what}: {reason}", red=True, bold=True)
