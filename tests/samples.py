"""Small pictures of each kind, and such as nobody means well with."""

import base64
import io
import struct
import zlib

from PIL import Image

# A HEIC of 64 x 32 pixels: its left half red, the rest from black to white. Nothing that is installed writes one.
HEIC = base64.b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAb5tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAA"
    "ADRpbG9jAAAAAERAAAIAAQAAAAAB4gABAAAAAAAAAD4AAgAAAAACIAABAAAAAAAAADAAAAA4aWluZgAAAAAAAgAAABVpbmZlAgAA"
    "AAABAABodmMxAAAAABVpbmZlAgAAAQACAABFeGlmAAAAAA5waXRtAAAAAAABAAAA/WlwcnAAAADdaXBjbwAAAHZodmNDAQNwAAAA"
    "kAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQAqQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbq"
    "5Ka5uAhoMCAAAAMDIAAAAwAhYgABAAZEAcFzwIkAAAATY29scm5jbHgAAQANAAaAAAAAFGlzcGUAAAAAAAAAQAAAAEAAAAAoY2xh"
    "cAAAAEAAAAABAAAAIAAAAAEAAAAAAAAAAv///+AAAAACAAAAEHBpeGkAAAAAAwgICAAAABhpcG1hAAAAAAAAAAEAAQWBAgMFhAAA"
    "ABppcmVmAAAAAAAAAA5jZHNjAAIAAQABAAAAdm1kYXQAAAA6KAGvWOb06r//5zu//yo9IfYlFEwEIzPTmcQW/l13CRDAhfpkK0r7"
    "YmTHNSqwaF+3tvVGtOvKf4uPnwAAAAZFeGlmAABNTQAqAAAACAABAQ4AAgAAAAsAAAAaAAAAAGF0IG15IGhvbWUAAA=="
)
# Crashes the library that decodes it (pi-heif 1.4.0): a part of it is of a kind that is no letters.
DEADLY = HEIC.replace(b"Exif", b"\x80\0\0\0", 1)
KINDS = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp", "GIF": ".gif", "TIFF": ".tif", "HEIF": ".heic"}


def of(kind, width=64, height=32):
    """Returns a picture with something in it; a GIF or a WebP moves."""
    if kind == "HEIF":
        return HEIC
    return encoded(scene(width, height), kind, frames=3 if kind in ("GIF", "WEBP") else 1)


def scene(width, height):
    image = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    image.paste("red", (0, 0, width // 2, height))
    return image


def encoded(image, kind, frames=1, **options):
    buffer = io.BytesIO()
    if frames > 1:
        others = [image.rotate(90 * number) for number in range(1, frames)]
        options |= {"save_all": True, "append_images": others, "duration": 80, "loop": 0}
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def png(width, height, data=b"", *others):
    """Returns a PNG that claims a size, whatever it holds. others: chunks before its data, (name, content)."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), *others, (b"IDAT", data), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*each) for each in chunks)


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png_bomb():
    """Returns 49 megapixels of nothing in 150 KB."""
    line = bytes(1 + 3 * 7000)
    return png(7000, 7000, zlib.compress(line * 7000, 9))


def gif_of_frames(number, width=1, height=1, frame=(1, 1), before=b""):
    """Returns a GIF of so many empty frames, 14 bytes each. frame: their size. before: what stands before them."""
    head = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(6)
    first, others = (b"," + struct.pack("<HHHHB", 0, 0, *size, 0) + b"\x02\x01\x44\x00" for size in ((1, 1), frame))
    return head + before + first + others * (number - 1) + b";"


def webp_bomb(width=16_384, height=16_384):
    """Returns a WebP whose canvas would take 2 GB in its decoder."""
    real = of("WEBP")
    start = real.index(b"VP8X")
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return real[: start + 12] + size + real[start + 18 :]


def in_parts(kind, number):
    """Returns a small picture with so many empty parts before it."""
    if kind == "PNG":
        whole = png(10, 10, zlib.compress(bytes(31 * 10)))
        start = whole.index(b"IDAT") - 4
        return whole[:start] + chunk(b"aaAa", b"") * number + whole[start:]
    if kind == "GIF":
        return gif_of_frames(1, before=b"!\xfe\x01a\0" * number)
    jpeg = of("JPEG")
    return jpeg[:2] + b"\xff\xe1\0\2" * number + jpeg[2:]


def polyglot():
    """Returns a JPEG that is a web page and an archive as well."""
    jpeg = of("JPEG")
    page = b"<script>alert(1)</script>"
    comment = b"\xff\xfe" + struct.pack(">H", len(page) + 2) + page
    return jpeg[:2] + comment + jpeg[2:] + b"<html>" + page + b"PK\x03\x04" + bytes(60)


def exif_bomb():
    """Returns a JPEG whose EXIF refers to itself, and claims entries of gigabytes."""
    entry = struct.pack("<HHII", 0x8769, 4, 1, 8)  # the directory's own place
    huge = struct.pack("<HHII", 0x010E, 2, 0xFFFFFFF0, 8)
    turned = struct.pack("<HHII", 0x0112, 2, 0xFFFFFF, 8)
    table = b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", 3) + entry + huge + turned + struct.pack("<I", 8)
    return with_exif(of("JPEG"), table)


def with_exif(jpeg, exif):
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + jpeg[2:]
