"""Draws the sample photographs: hills under a sky, another view for each."""

import io
import math
from dataclasses import dataclass

from PIL import Image, ImageColor, ImageDraw, ImageFilter

SIZE = (1600, 1200)  # pixels
HILLS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What a picture shows: colours from far to near, and where the sun or the moon stands (shares of the picture)."""

    sky: tuple[str, str]
    hills: tuple[str, str]
    light: str
    at: tuple[float, float]
    radius: float = 0.07


def draw(view: View) -> bytes:
    """Return the view as a JPEG."""
    picture = gradient(view.sky)
    put_light(picture, view)
    for number in range(HILLS):
        put_hill(picture, number, mixed(view.hills, number / (HILLS - 1)), view.at[0])
    file = io.BytesIO()
    picture.filter(ImageFilter.SMOOTH).save(file, "JPEG", quality=88)
    return file.getvalue()


def gradient(colours: tuple[str, str]) -> Image.Image:
    """Return a picture that goes from the first colour, at the top, to the second."""
    upper, lower = (Image.new("RGB", SIZE, colour) for colour in colours)
    return Image.composite(lower, upper, Image.linear_gradient("L").resize(SIZE))


def put_light(picture: Image.Image, view: View) -> None:
    """Draw the sun or the moon, with a glow around it."""
    x, y, radius = view.at[0] * SIZE[0], view.at[1] * SIZE[1], view.radius * SIZE[0]
    for size, share in ((2.2, 40), (1.5, 90), (1.0, 255)):
        mask = Image.new("L", SIZE)
        ImageDraw.Draw(mask).circle((x, y), size * radius, fill=share)
        picture.paste(view.light, mask=mask)


def put_hill(picture: Image.Image, number: int, colour: tuple[int, ...], phase: float) -> None:
    """Draw one range of hills; the higher its number, the nearer."""
    width, height = SIZE
    base, wave = height * (0.5 + 0.12 * number), height * 0.06
    line = [
        (x, base - wave * (math.sin(x / 230 + 5 * phase + 2 * number) + 0.4 * math.sin(x / 71 + 9 * phase - number)))
        for x in range(0, width + 8, 8)
    ]
    ImageDraw.Draw(picture).polygon([*line, (width, height), (0, height)], fill=colour)


def mixed(colours: tuple[str, str], share: float) -> tuple[int, ...]:
    """Return the colour between two, `share` of the way from the first to the second."""
    first, second = (ImageColor.getrgb(colour) for colour in colours)
    return tuple(round(a + share * (b - a)) for a, b in zip(first, second, strict=True))
