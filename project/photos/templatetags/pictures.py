"""Shows photographs: their renditions, never the original."""

from typing import Any

from django.template import Library

from project.photos.addresses import address
from project.photos.models import Photo

register = Library()


@register.inclusion_tag("photos/picture.html")
def picture(photo: Photo | None, sizes: str) -> dict[str, Any]:
    """Show the photo in the rendition that suits, or a placeholder while none of its present original is drawn.

    sizes: how wide it is shown, as in the attribute of `<img>`.
    """
    renditions = [each for each in photo.renditions.all() if each.source == photo.image.name] if photo else []
    by_width = {each.width: address(each) for each in renditions}  # a small original's renditions are all of one width
    return {
        "photo": photo,
        "largest": max(renditions, key=lambda each: each.width, default=None),
        "src": by_width.get(max(by_width, default=0)),
        "srcset": ", ".join(f"{url} {width}w" for width, url in sorted(by_width.items())),
        "sizes": sizes,
    }
