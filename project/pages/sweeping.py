"""Files that no row names: left by an upload whose transaction did not commit, or by whoever died while writing."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from pathlib import PurePath

from django.apps import apps
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import FileField, Model, QuerySet
from django.utils import timezone

from project.photos import renditions

YOUNG = timedelta(hours=1)  # a file that is younger may belong to a transaction that has yet to commit
BATCH = 500  # files that are looked for in one query


def sweep(*, dry_run: bool = False) -> list[str]:
    """Remove the files that no row names and that are not young. Returns their names."""
    strays = [name for some in batches(old_files("")) for name in unnamed(some)]
    for name in [] if dry_run else strays:
        remove(name)
    return strays


def remove(name: str) -> None:
    """Remove a file, unless somebody has written it anew meanwhile, or is about to: names tell of the content."""
    with transaction.atomic():
        renditions.lock([PurePath(name).parent.name])
        if is_old(name) and unnamed([name]):
            default_storage.delete(name)


def old_files(folder: str) -> Iterator[str]:
    """Yield the names of all stored files that are not young."""
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:  # nothing was stored yet
        return
    for name in files:
        if is_old(path := f"{folder}/{name}".lstrip("/")):
            yield path
    for name in folders:
        yield from old_files(f"{folder}/{name}".lstrip("/"))


def batches(names: Iterator[str]) -> Iterator[list[str]]:
    """Yield the names in lists of BATCH."""
    while some := list(islice(names, BATCH)):
        yield some


def is_old(name: str) -> bool:
    """Tell whether a file is there and not young."""
    try:
        return default_storage.get_modified_time(name) < timezone.now() - YOUNG
    except FileNotFoundError:  # somebody else swept it
        return False


def unnamed(names: list[str]) -> list[str]:
    """Return the names that stand in no file field of any row."""
    named: set[str] = set()
    for model, field in file_fields():
        named |= set(QuerySet(model).filter(**{f"{field}__in": names}).values_list(field, flat=True))
    return [name for name in names if name not in named]


def file_fields() -> list[tuple[type[Model], str]]:
    """Return every file field that there is."""
    models = apps.get_models()
    return [(model, field.name) for model in models for field in model._meta.fields if isinstance(field, FileField)]
