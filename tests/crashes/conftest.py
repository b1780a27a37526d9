"""All the deaths, once for each lane: what heals at the same time need not be waited for one after another."""

import shutil
import tempfile
from pathlib import Path

import pytest

from tests.crashes.points import ACKNOWLEDGING, ASKING, PUBLISHING, RUNNING, TAKING_BACK
from tests.crashes.stage import REFUSED, Stage
from tests.flows.left_out import leave_out
from tests.flows.servers import Missing

DYING = 20  # seconds; about 5 are needed
QUIET = 60  # seconds; about 20 are needed, most of them until the heartbeat of a dead worker is old enough


@pytest.fixture(scope="package", params=["embedded", "postgres"])
def aftermath(request, django_db_blocker):
    """A stage on which processes died at every point, and others took over until all was quiet."""
    folder = Path(tempfile.mkdtemp(prefix="crashes-"))  # pytest's own folders are too deep for a socket's path
    made = Stage(request.param, folder)
    try:
        made.start(django_db_blocker)
        die_asking_and_publishing(made)
        die_taking_back_and_acknowledging(made)
        die_running(made)
        yield made
    except Missing as reason:
        leave_out(f"crashes on {request.param}", str(reason))
    finally:
        made.undo.close()
        shutil.rmtree(folder)


def die_asking_and_publishing(stage):
    """Whoever asks dies. Of two workers that recover, one dies of the first orders, the other one of the last.

    Theirs is a queue without jobs: a worker takes along what it runs.
    """
    workers = [stage.work(name, "thumbnails", options=["-P", "solo"], points=PUBLISHING) for name in ("one", "two")]
    *first, last = sorted(ASKING, key=lambda point: point.name == "to be published")
    askers = [stage.ask(str(point), points=[point]) for point in first]
    stage.look_until(lambda: not all(worker.lives for worker in workers), DYING)
    askers.append(stage.ask(str(last), points=[last]))
    stage.bury(*askers, *workers, seconds=DYING)


def die_taking_back_and_acknowledging(stage):
    """A worker dies that takes back what its child held, and one whose child has settled."""
    taker = stage.work("taker", "invoices", points=TAKING_BACK)
    acknowledger = stage.work("acknowledger", "housekeeping", points=ACKNOWLEDGING)
    stage.bury(taker, acknowledger, seconds=DYING)


def die_running(stage):
    """A worker for all queues loses child after child, goes on, and does what the dead left.

    Of orders of its own: the ones before it may have done all of theirs by now.
    """
    stage.ask(*REFUSED, *(f"other-{number}" for number in range(6))).popen.wait(DYING)
    stage.worker = stage.work("healer", points=RUNNING)
    stage.look_until(stage.is_quiet, QUIET)
