"""Notes outside the database: what was answered to a mail is on disk in the instant in which it is known.

Of a process that dies between the mail server's "accepted" and our commit the next attempt finds its note: the mail is
then sent, and not sent again. A note is a page of memory that is a file too. The server's words are received straight
into it, so that from the kernel's having them nothing of ours need run any more, and the kernel keeps the file whatever
becomes of the process.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from mmap import PAGESIZE, mmap
from pathlib import Path

import structlog
from django.conf import settings

from project.notifications.models import Delivery

log = structlog.get_logger(__name__)

SUFFIX = ".reply"
ACCEPTED = b"250"
TOLD = ("answer", "provider_id")  # of a delivery
LONGEST = 300  # characters of an answer
KEPT = 30 * 86_400  # seconds; a job that took its workers along may wait as long for somebody who replays it


def path_of(delivery: Delivery) -> Path:
    """Return where an attempt is noted: the one that the row names.

    By its job too, whose id is nobody else's: a database that is made anew counts its mails from 1 again.
    """
    name = f"{delivery.pk}-{delivery.attempts}-{delivery.job_id}-{delivery.claim}{SUFFIX}"
    return Path(settings.MAIL_NOTES_ROOT) / name


@contextmanager
def page_at(path: Path) -> Iterator[mmap]:
    """Give a page for what will be answered. Where there can be no file the mail goes out all the same."""
    try:
        page = page_of(path)
    except OSError as error:
        complain(str(path.parent), error.strerror or str(error))
        page = mmap(-1, PAGESIZE)
    with page:
        yield page


def page_of(path: Path) -> mmap:
    """Make a file and return its page."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb+") as file:
        file.write(bytes(PAGESIZE))  # a disk that is full says so now, and not by a signal when the page is written
        file.flush()
        return mmap(file.fileno(), PAGESIZE)


@cache
def complain(folder: str, problem: str) -> None:
    """Log a problem, once for each process."""
    log.warning("mails_not_noted", folder=folder, problem=problem)


def note(page: mmap, **told: str) -> None:
    """Note what a provider's interface told, which does not come in the server's own words."""
    said = json.dumps({name: value[:LONGEST] for name, value in told.items()}).encode()[:PAGESIZE]
    page[: len(said)] = said


def told(delivery: Delivery) -> dict[str, str] | None:
    """Return what was told as the attempt that the row names was accepted; None where nobody noted that."""
    if delivery.job_id is None:
        return None  # nothing would tell it from one of another database
    try:
        with path_of(delivery).open("rb") as file:
            text = file.read(PAGESIZE).rstrip(b"\0")
        return {"answer": words_of(text), "provider_id": ""} if text.startswith(ACCEPTED) else told_by_provider(text)
    except (OSError, ValueError, AttributeError):  # none, or none of ours: in doubt it is sent again
        return None


def words_of(reply: bytes) -> str:
    """Return a reply as smtplib does: its code, and the words of its lines, of which the last one may be cut off."""
    lines = [line[4:].strip() for line in reply.decode("utf-8", "replace").splitlines()]
    return (f"{ACCEPTED.decode()} " + "\n".join(lines))[:LONGEST]


def told_by_provider(text: bytes) -> dict[str, str]:
    """Return what `note` noted. Raises ValueError or AttributeError where it did not note that."""
    found = json.loads(text)
    return {name: str(found.get(name, "")) for name in TOLD}


def forget(path: Path) -> None:
    """Remove a note: the database knows."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        complain(str(path.parent), error.strerror or str(error))


def sweep() -> None:
    """Remove the notes that nobody came back for."""
    for path in Path(settings.MAIL_NOTES_ROOT).glob(f"*{SUFFIX}"):
        if path.is_file() and path.lstat().st_mtime < time.time() - KEPT:
            forget(path)
