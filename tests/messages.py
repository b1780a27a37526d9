"""Brings the translations up to date: `python -m tests.messages`, which is `make messages`.

What the sources say goes into `project/locale/*/LC_MESSAGES/django.po`, where people translate it; and what they have
translated goes into the `.mo` beside it, which Django reads. Babel does both, so that nobody needs GNU gettext.
"""

import sys
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("project", "receivers", "tasks")
KEYWORDS = {**DEFAULT_KEYWORDS, "gettext_lazy": None, "ngettext_lazy": (1, 2), "gettext_noop": None}
# What a header says that changes with each writing, or says nothing.
NOISE = (b'"Project-Id', b'"Report-', b'"POT-', b'"PO-', b'"Last-', b'"Language-Team', b'"Generated')

NO_DATE = datetime(2000, 1, 1, tzinfo=UTC)  # so that the same translations are the same bytes


def sources():
    """Yield each file that may say something, and its text as Python."""
    from django.utils.translation.template import templatize  # noqa: PLC0415  needs Django's settings

    for path in sorted(path for room in ROOMS for path in (ROOT / room).rglob("*")):
        if path.suffix == ".py":
            yield path, path.read_text()
        elif path.suffix in (".html", ".txt") and "templates" in path.parts:
            # One message a line; what is between them is of no language, and its indentation of no meaning.
            python = templatize(path.read_text())
            yield path, "\n".join(line.strip() for line in python.splitlines())


def found():
    """Return the catalog of all that is to be translated."""
    catalog = Catalog(fuzzy=False)
    for path, python in sources():
        place = str(path.relative_to(ROOT))
        for _line, words, _comments, context in extract("python", BytesIO(python.encode()), keywords=KEYWORDS):
            flags = ["python-format"] if "%(" in str(words) else []
            catalog.add(words, locations=[(place, None)], flags=flags, context=context)
    return catalog


def catalogs():
    """Yield each language's file and what is in it."""
    for path in sorted(ROOT.glob("project/locale/*/LC_MESSAGES/django.po")):
        with path.open("rb") as file:
            yield path, read_po(file, locale=path.parts[-3])


def as_po(catalog):
    buffer = BytesIO()
    write_po(buffer, catalog, width=100, ignore_obsolete=True, sort_output=True)
    lines = buffer.getvalue().splitlines(keepends=True)
    return b"".join(line for line in lines if not line.startswith(NOISE))


def as_mo(catalog):
    catalog.creation_date = catalog.revision_date = NO_DATE
    buffer = BytesIO()
    write_mo(buffer, catalog)
    return buffer.getvalue()


def untranslated(catalog):
    return [message.id for message in catalog if message.id and (message.fuzzy or not all(forms(message)))]


def forms(message):
    return message.string if isinstance(message.string, tuple | list) else [message.string]


def main():
    """Write all files anew; exit 1 where something is to be translated still."""
    import django  # noqa: PLC0415
    from django.conf import settings  # noqa: PLC0415

    settings.configure(USE_I18N=True)
    django.setup()
    missing = []
    template = found()
    for path, catalog in catalogs():
        catalog.update(template, no_fuzzy_matching=True)
        path.write_bytes(as_po(catalog))
        path.with_suffix(".mo").write_bytes(as_mo(catalog))
        missing += [f"{path.relative_to(ROOT)}: {words!r} is not translated" for words in untranslated(catalog)]
    sys.exit("\n".join(missing) or None)


if __name__ == "__main__":
    main()
