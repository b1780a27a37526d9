"""Shows photographs: their renditions, never the original."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.template import Library

from project.photos.addresses import address
from project.photos.models import Photo, Rendition
from project.photos.specs import FORMATS

register = Library()

BEST_FIRST = tuple(each.name for each in reversed(FORMATS))


@register.inclusion_tag("photos/picture.html")
def picture(photo: Photo | None, sizes: str, *, move: bool = False) -> dict[str, Any]:
    """Show the photo in the rendition that suits, or a placeholder while none of its present original is drawn.

    sizes: how wide it is shown, as in the attribute of `<img>`. move: whether an animation moves, for readers who have
    not asked for less of that.
    """
    present = photo.present if photo else []
    moving = [each for each in present if each.spec == "moving"]
    still = [each for each in present if each.spec != "moving"]
    by_format = {name: [each for each in still if each.format == name] for name in BEST_FIRST}
    shown = by_format[BEST_FIRST[-1]]  # what every browser shows
    others = [name for name in BEST_FIRST[:-1] if is_as_wide(by_format[name], shown)]
    return {
        "photo": photo,
        "sizes": sizes,
        "moving": address(moving[0]) if moving and move else "",
        "sources": [(f"image/{name}", srcset(by_format[name])) for name in others],
        "largest": max(shown, key=lambda each: each.width, default=None),
        "src": address(max(shown, key=lambda each: each.width)) if shown else "",
        "srcset": srcset(shown),
    }


def is_as_wide(renditions: Sequence[Rendition], shown: Sequence[Rendition]) -> bool:
    """Tell whether a format is there in all the widths of the one that is shown: else browsers would take a poorer one.

    It need not have all that the photo should have: while a new spec is drawn the others are shown.
    """
    return bool(shown) and {each.spec for each in shown} <= {each.spec for each in renditions}


def srcset(renditions: Iterable[Rendition]) -> str:
    """Return the addresses by their widths, of which a browser takes what suits its window and its density."""
    by_width = {each.width: address(each) for each in renditions}
    return ", ".join(f"{url} {width}w" for width, url in sorted(by_width.items()))
