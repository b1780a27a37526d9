"""The fonts of the invoices, which pip installs, and the signs that they have."""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING
from unicodedata import category, normalize

if TYPE_CHECKING:
    import typst

PACKAGES = ("fontpkg_noto_sans", "fontpkg_ibm_plex_sans_arabic", "fontpkg_open_sans", "cvttf_NotoSansCJK_Regular")
SUBSTITUTE = "\N{WHITE SQUARE}"
JOINERS = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"  # Persian words and others need them


@cache
def fonts() -> "typst.Fonts":
    """Return the fonts, looked for once in a process: doing so for each document takes longer than a short invoice.

    None of the machine's are among them, so that an invoice looks the same wherever it is rendered.
    """
    import typst  # noqa: PLC0415  the web process imports this module, and must not the library

    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders())


def folders() -> list[Path]:
    """Return where the packages keep their fonts."""
    return [Path(str(files(name))) for name in PACKAGES]


@cache
def signs() -> list[frozenset[int]]:
    """Return the code points of each font."""
    return [code_points(file) for folder in folders() for file in sorted(folder.rglob("*.[ot]tf"))]


def code_points(file: Path) -> frozenset[int]:
    """Return the code points for which a font has a glyph."""
    from fontTools.ttLib import TTFont  # noqa: PLC0415  as above

    with TTFont(file, lazy=True) as font:
        return frozenset(font.getBestCmap())


def legible(text: str) -> str:
    """Return the text with what can be shown: PDF/A forbids a sign that its font has not.

    Signs that no font has become squares. What is invisible is left out, as it could turn the order of what follows.
    """
    if text.isascii() and text.isprintable():
        return text
    spaced = " ".join(normalize("NFC", text).split())
    seen = "".join(sign for sign in spaced if sign in JOINERS or category(sign) not in {"Cc", "Cf", "Cs"})
    return "".join(map(nearest, clusters(seen)))


def clusters(text: str) -> Iterator[str]:
    """Split the text into letters with their marks: one font must have all of a letter."""
    cluster = ""
    for sign in text:
        if cluster and (sign in JOINERS or category(sign).startswith("M")):
            cluster += sign
        else:
            yield cluster
            cluster = sign
    yield cluster


def nearest(cluster: str) -> str:
    """Return the cluster, else its letter alone, else a square."""
    for shown in (cluster, cluster[:1]):
        if any(font.issuperset(ord(sign) for sign in shown if sign not in JOINERS) for font in signs()):
            return shown
    return SUBSTITUTE
