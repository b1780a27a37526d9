import io
import os
import time
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command

from project.pages import sweeping
from tasks import housekeeping

HOUR = 3600  # seconds


@pytest.fixture
def stored(db):
    """Stores a file of an age. Returns its name."""

    def store(name, age):
        default_storage.save(name, ContentFile(b"x"))
        grow_old(name, age)
        return name

    return store


def grow_old(name, age):
    then = time.time() - age
    os.utime(default_storage.path(name), (then, then))


def files():
    return sorted(path.name for path in Path(default_storage.path("")).rglob("*") if path.is_file())


def test_old_files_that_no_row_names_go_wherever_they_are(stored):
    for name in ("a.jpg", "photos/originals/b.jpg", "invoices/.writing-c", "photos/1/d.webp"):
        stored(name, 2 * HOUR)
    housekeeping.sweep_media()
    housekeeping.sweep_media()
    assert files() == []


def test_young_files_may_be_of_a_transaction_that_has_yet_to_commit(stored):
    stored("photos/originals/a.jpg", HOUR - 60)
    housekeeping.sweep_media()
    assert files() == ["a.jpg"]


def test_files_that_a_row_names_stay(photo, work):
    work()
    for path in Path(default_storage.path("")).rglob("*.*"):
        os.utime(path, (0, 0))
    before = files()
    assert sweeping.sweep() == []
    assert files() == before
    assert len(before) == 13, "the original and twelve renditions"


def test_a_file_that_is_written_anew_while_it_is_swept_stays(stored, monkeypatch):
    name, unnamed = stored("a.webp", 2 * HOUR), sweeping.unnamed

    def write_meanwhile(names):
        grow_old(name, 0)
        return unnamed(names)

    monkeypatch.setattr(sweeping, "unnamed", write_meanwhile)
    sweeping.sweep()
    assert files() == ["a.webp"]


def test_a_file_that_somebody_else_swept_is_no_fault(db):
    assert sweeping.is_old("gone.jpg") is False


def test_without_any_upload_yet_there_is_nothing_to_sweep(db):
    assert sweeping.sweep() == []


def test_a_dry_run_only_says_what_it_would_do(stored):
    stored("a.jpg", 2 * HOUR)
    said = io.StringIO()
    call_command("sweep_media", "--dry-run", stdout=said)
    assert said.getvalue() == "a.jpg\nFiles that no row names: 1, left where they are.\n"
    assert files() == ["a.jpg"]
    call_command("sweep_media", stdout=said)
    assert files() == []
