"""The stacks that the stories run on, and what the end of a run says of them."""

import shutil
import signal
import tempfile
from pathlib import Path

import pytest

from tests.flows.left_out import leave_out, reasons
from tests.flows.servers import Missing
from tests.flows.stack import LANES, Stack

MEASURED = pytest.StashKey[list]()


def pytest_configure(config):
    config.stash[MEASURED] = []
    # A run that is told to end tidies up as one that is interrupted: by default it would leave its processes behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.fixture(scope="package", params=LANES)
def stack(request, django_db_blocker):
    """A running site, one for each lane, with everything real."""
    folder = Path(tempfile.mkdtemp(prefix="flows-"))  # pytest's own folders are too deep for a socket's path
    made = Stack(request.param, folder)
    try:
        made.start(django_db_blocker)
        yield made
    except Missing as reason:
        leave_out(f"lane {request.param}", str(reason))
    finally:
        made.stop()
        shutil.rmtree(folder)


@pytest.fixture
def measured(request):
    """Takes a line that the end of the run shows."""
    return request.config.stash[MEASURED].append


def pytest_terminal_summary(terminalreporter, config):
    for line in config.stash[MEASURED]:
        terminalreporter.write_line(line)
    for what, reason in reasons.items():
        terminalreporter.write_line(f"LEFT OUT: {what}: {reason}", red=True, bold=True)
