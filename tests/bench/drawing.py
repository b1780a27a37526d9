"""Ways to draw a JPEG 160, 480 and 1200 pixels wide, in WebP: `python -m tests.bench.drawing WAY FILE`."""

import io
import json
import sys
import time
from pathlib import Path

from PIL import Image

from tests.likeness import ssim

WIDTHS = (160, 480, 1200)
QUALITY = 80


def plainly(content):
    """Return the pictures as most people draw them: decoded in full for each size."""
    return [plain(content, width) for width in WIDTHS]


def plain(content, width):
    with Image.open(io.BytesIO(content)) as image:
        size = width, round(image.height * width / image.width)
        return image.resize(size, Image.Resampling.LANCZOS)


def draw_plainly(content):
    for width in WIDTHS:
        plain(content, width).save(io.BytesIO(), "WEBP", quality=QUALITY)


def ours(content):
    from project.photos import drawing, specs  # noqa: PLC0415  each way loads its own library

    chosen = [spec for spec in specs.SPECS if spec.width in WIDTHS and not spec.moves]
    made = drawing.images(content, chosen)
    return [made[spec] for spec in chosen]


def draw_ours(content):
    from project.photos import drawing, specs  # noqa: PLC0415  likewise

    chosen = [spec for spec in specs.SPECS if spec.width in WIDTHS and not spec.moves]
    webp = next(each for each in specs.FORMATS if each.name == "webp")
    drawing.draw(content, [specs.Wanted(spec, webp) for spec in chosen])


def by_vips(content):
    """Return the pictures as pyvips draws them best: shrunk while it is decoded, the smaller ones from the larger."""
    return [Image.frombytes("RGB", (each.width, each.height), each.write_to_memory()) for each in of_vips(content)]


def of_vips(content):
    import pyvips  # noqa: PLC0415  likewise

    image = pyvips.Image.thumbnail_buffer(content, WIDTHS[-1], size="down").copy_memory()
    return [*(image.thumbnail_image(width) for width in WIDTHS[:-1]), image]


def draw_by_vips(content):
    for image in of_vips(content):
        image.webpsave_buffer(Q=QUALITY, effort=2)


WAYS = {"ours": (ours, draw_ours), "plain": (plainly, draw_plainly), "pyvips": (by_vips, draw_by_vips)}


def main():
    """Draw once for each line that comes in, and say what that took; at the end, say how it looks."""
    way, file = sys.argv[1:]
    pictures, draw = WAYS[way]
    content = Path(file).read_bytes()
    for _ in sys.stdin:
        tell(timed(draw, content))
    most = peak()  # before what follows takes more
    tell({"peak": most, "ssim": min(ssim(one, plain(content, one.width)) for one in pictures(content))})


def tell(found):
    sys.stdout.write(json.dumps(found) + "\n")
    sys.stdout.flush()


def timed(draw, content):
    began, used = time.perf_counter(), time.process_time()
    draw(content)
    return {"seconds": time.perf_counter() - began, "cpu": time.process_time() - used}


def peak():
    """Return the most megabytes that this process has had in memory."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


if __name__ == "__main__":
    main()
