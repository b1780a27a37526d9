"""Photographs that nobody had to take: contrast that falls with its fineness, edges, and the grain of a sensor.

Seen through a lens: nothing is sharper than a camera has it, for what the smallest details become says least.
"""

import io
import random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

FALL = 0.7  # of contrast, from one octave to the next
EDGES = 60
GRAIN = 14  # of 255
LENS = 1.0  # pixels


def photograph(width, height):
    """Return a JPEG of that size, the same one each time but for its grain."""
    half = width // 2, height // 2
    image = Image.merge("RGB", [octaves(half, seed) for seed in (1, 2, 3)])
    image = image.resize((width, height), Image.Resampling.BICUBIC)
    put_edges(image)
    grain = Image.effect_noise((width, height), GRAIN).convert("RGB")
    image = ImageChops.add(image, grain, 1, -128).filter(ImageFilter.GaussianBlur(LENS))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=88)
    return buffer.getvalue()


def octaves(size, seed):
    """Return a channel of noise, from coarse to fine."""
    dice, whole, contrast = random.Random(seed), None, 1.0
    across = 2
    while across < size[0]:
        down = max(2, across * size[1] // size[0])
        noise = Image.frombytes("L", (across, down), dice.randbytes(across * down))
        noise = noise.point([int((value - 128) * contrast + 128) for value in range(256)])
        layer = noise.resize(size, Image.Resampling.BICUBIC)
        whole = layer if whole is None else ImageChops.add(whole, layer, 1, -128)
        across, contrast = across * 2, contrast * FALL
    return whole


def put_edges(image):
    dice, draw = random.Random(9), ImageDraw.Draw(image)
    for _ in range(EDGES):
        circle = dice.randrange(image.width), dice.randrange(image.height), dice.randrange(4, max(5, image.width // 12))
        draw.regular_polygon(circle, dice.randrange(3, 9), dice.randrange(360), tuple(dice.randbytes(3)))
