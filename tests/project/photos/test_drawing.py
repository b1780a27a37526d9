import io
import struct

import pytest
from PIL import Image, ImageCms, ImageDraw, ImageOps
from PIL.PngImagePlugin import PngInfo

from project.photos.drawing import draw, preview
from project.photos.specs import FORMATS, MOVING, Spec, Wanted, wanted
from project.photos.uploads import UnreadablePictureError
from tests import samples

JPEG, WEBP, AVIF = FORMATS
SMALL = Spec(name="small", width=160)


def drawn(content, spec=SMALL, form=WEBP):
    """Draws one rendition and opens it."""
    (made,) = draw(content, [Wanted(spec, form)])
    image = Image.open(io.BytesIO(made.content))
    image.load()
    assert image.size == (made.width, made.height)
    return image


def encoded(image, kind="PNG", **options):
    return samples.encoded(image, kind, **options)


def near(one, other):
    return all(abs(a - b) <= 10 for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("kind", samples.KINDS)
@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
def test_each_kind_is_drawn_in_each_format(kind, form):
    image = drawn(samples.of(kind), form=form)
    assert (image.format, image.size) == (form.name.upper(), (64, 32))
    assert near(image.convert("RGB").getpixel((10, 16)), (254, 0, 0))


@pytest.mark.parametrize("kind", samples.KINDS)
def test_running_twice_gives_the_same_bytes(kind):
    content = samples.of(kind, 700, 300)
    assert draw(content, wanted(700, moves=False)) == draw(content, wanted(700, moves=False))


def quarters(width, height):
    """Returns a picture whose four quarters differ, so that each turn of it is told from the others."""
    image = Image.new("RGB", (width, height), "blue")
    image.paste("red", (0, 0, width // 2, height // 2))
    image.paste("lime", (width // 2, 0, width, height // 2))
    image.paste("white", (0, height // 2, width // 2, height))
    return image


def seen(image):
    """Returns the colours of the four quarters, by rows: as full or as empty as they are."""
    at = [(int(image.width * x), int(image.height * y)) for y in (0.25, 0.75) for x in (0.25, 0.75)]
    return [tuple(value > 127 for value in image.convert("RGB").getpixel(each)) for each in at]


def turned(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_a_picture_is_turned_upright_and_as_wide_as_it_is_to_be(kind, orientation):
    # So large that it is made smaller while it is decoded: by its width as it is stored it would become too small.
    content = encoded(quarters(1200, 600), kind, exif=turned(orientation))
    image = drawn(content)
    assert image.size == ((160, 320) if orientation > 4 else (160, 80))
    assert seen(image) == seen(ImageOps.exif_transpose(Image.open(io.BytesIO(content))))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_an_animation_is_turned_upright_too(orientation):
    content = encoded(quarters(64, 32), "WEBP", frames=2, lossless=True, exif=turned(orientation))
    (moving,) = draw(content, [Wanted(Spec(name="moving", width=480, moves=True), MOVING[0])])
    still = drawn(content)
    assert (moving.width, moving.height) == still.size
    assert seen(Image.open(io.BytesIO(moving.content))) == seen(still)


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_nothing_is_said_of_the_place(kind, form):
    exif = Image.Exif()
    exif[0x010E] = "at my home"
    exif.get_ifd(0x8825)[1] = "N"
    options = {"comment": b"at my home"} if kind == "JPEG" else {}
    if kind in ("JPEG", "WEBP"):
        options["xmp"] = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>at my home</x:xmpmeta>"
    if kind == "PNG":
        options["pnginfo"] = PngInfo()
        options["pnginfo"].add_itxt("XML:com.adobe.xmp", "at my home")
    (made,) = draw(encoded(samples.scene(64, 32), kind, exif=exif, **options), [Wanted(SMALL, form)])
    image = Image.open(io.BytesIO(made.content))
    assert b"at my home" not in made.content
    assert not image.getexif()
    assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression"} | {
        "loop",
        "background",
        "timestamp",
        "duration",
    }


def test_a_colour_profile_is_converted_and_left_out():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    lab = ImageCms.profileToProfile(
        Image.new("RGB", (64, 32), (200, 40, 40)), ImageCms.createProfile("sRGB"), profile, outputMode="LAB"
    )
    image = drawn(encoded(lab, "TIFF", icc_profile=profile.tobytes()))
    assert near(image.getpixel((30, 16)), (200, 40, 40))
    assert "icc_profile" not in image.info


def swapped():
    """Returns a colour profile in which red is green, and green is red."""
    content = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    at = {bytes(content[place : place + 4]): place for place in range(132, 132 + 12 * content[131], 12)}
    content[at[b"rXYZ"] : at[b"rXYZ"] + 4], content[at[b"gXYZ"] : at[b"gXYZ"] + 4] = b"gXYZ", b"rXYZ"
    return bytes(content).replace("sRGB".encode("utf-16-be"), "XRGB".encode("utf-16-be"))


def test_the_colours_of_an_animation_are_converted_too():
    content = encoded(Image.new("RGB", (64, 32), "red"), "WEBP", frames=2, lossless=True, icc_profile=swapped())
    moving = drawn(content, Spec(name="moving", width=480, moves=True), MOVING[0])
    assert near(drawn(content).getpixel((9, 9)), (0, 255, 0))
    assert near(moving.convert("RGB").getpixel((9, 9)), (0, 255, 0))
    assert "icc_profile" not in moving.info


def test_a_damaged_colour_profile_is_none():
    assert near(
        drawn(encoded(Image.new("RGB", (64, 32), "blue"), icc_profile=b"x" * 200)).getpixel((9, 9)), (0, 0, 255)
    )


def test_transparency_is_kept_and_laid_on_white_where_it_cannot_be():
    content = encoded(Image.new("RGBA", (300, 200), (255, 0, 0, 0)))
    for form in (WEBP, AVIF):
        assert drawn(content, form=form).getchannel("A").getextrema() == (0, 0)
    assert near(drawn(content, form=JPEG).getpixel((5, 5)), (255, 255, 255))
    assert preview(content) == "", "it would be seen through the picture"


def test_transparency_is_kept_beside_a_colour_profile():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes().replace(b"sRGB", b"XRGB")
    image = drawn(encoded(Image.new("RGBA", (300, 200), (0, 0, 255, 90)), icc_profile=profile))
    assert image.getchannel("A").getextrema() == (90, 90)
    assert near(image.convert("RGB").getpixel((5, 5)), (0, 0, 255))


def test_what_is_hidden_by_transparency_does_not_bleed_into_the_rest():
    image = Image.new("RGBA", (640, 320), (0, 255, 0, 0))
    image.paste((255, 0, 0, 255), (0, 0, 320, 320))
    edge = [drawn(encoded(image), form=AVIF).getpixel((x, 40)) for x in range(76, 84)]
    assert all(green < 40 for red, green, blue, opaque in edge if opaque > 40)


def test_cmyk_is_handled():
    cyan = Image.new("CMYK", (64, 32), (255, 0, 0, 0))
    assert near(drawn(encoded(cyan, "JPEG")).getpixel((9, 9)), (0, 255, 255))
    assert drawn(encoded(cyan, "TIFF")).mode == "RGB"


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bits_of_grey_are_handled(kind):
    grey = Image.new("I;16", (64, 32), 32768)
    assert near(drawn(encoded(grey, kind)).getpixel((9, 9)), (128, 128, 128))


def test_sixteen_bits_of_grey_are_seen_through_where_the_file_says_so():
    row = struct.pack("<64H", *[32769] * 32, *[32768] * 32)
    grey = Image.frombytes("I;16", (64, 32), row * 32)
    image = drawn(encoded(grey, transparency=32769))
    assert near(image.getpixel((50, 9)), (128, 128, 128, 255))
    assert image.getpixel((9, 9))[3] == 0


@pytest.mark.parametrize("mode", ["I", "F"])
def test_grey_of_more_bits_is_spread_from_black_to_white(mode):
    grey = Image.new(mode, (64, 32), 1000)
    grey.paste(3000, (0, 0, 32, 32))
    image = drawn(encoded(grey, "TIFF"))
    assert near(image.getpixel((9, 9)), (255, 255, 255))
    assert near(image.getpixel((50, 9)), (0, 0, 0))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "YCbCr"])
def test_other_modes_are_drawn(mode):
    kind = "TIFF" if mode == "YCbCr" else "PNG"
    assert drawn(encoded(samples.scene(64, 32).convert(mode), kind)).size == (64, 32)


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
def test_an_animation_keeps_a_still_and_its_frames(kind):
    content = samples.of(kind, 960, 480)
    still, moving = drawn(content), drawn(content, Spec(name="moving", width=480, moves=True), MOVING[0])
    assert getattr(still, "n_frames", 1) == 1
    assert (moving.n_frames, moving.size, moving.info["loop"]) == (3, (480, 240), 0)
    moving.seek(1)
    moving.load()
    assert moving.info["duration"] == 80


@pytest.mark.parametrize(
    ("size", "spec", "expected"),
    [
        ((800, 400), Spec(name="x", width=200, height=200, crop=True), (200, 200)),
        ((400, 800), Spec(name="x", width=200, height=100, crop=True), (200, 100)),
        ((100, 50), Spec(name="x", width=200, height=200, crop=True), (100, 50)),
        ((800, 400), Spec(name="x", width=200, height=50), (100, 50)),
        ((1, 5000), Spec(name="x", width=200), (1, 5000)),
    ],
)
def test_a_spec_says_what_fits_or_what_is_cut_off(size, spec, expected):
    assert drawn(encoded(samples.scene(*size)), spec).size == expected


def test_what_is_cut_out_is_the_middle_and_the_others_are_whole():
    image = Image.new("RGB", (900, 300), "blue")
    ImageDraw.Draw(image).rectangle((300, 0, 599, 299), "red")
    square = Wanted(Spec(name="square", width=100, height=100, crop=True), WEBP)
    made = {each.wanted: each for each in draw(encoded(image), [square, Wanted(SMALL, WEBP)])}
    whole, cut = (Image.open(io.BytesIO(made[each].content)) for each in (Wanted(SMALL, WEBP), square))
    assert (whole.size, cut.size) == ((160, 53), (100, 100))
    assert near(cut.getpixel((5, 50)), (254, 0, 0))
    assert near(whole.getpixel((5, 20)), (0, 0, 254))


def test_a_picture_with_another_one_behind_it_is_its_first():
    """As phones write them, with the format's name MPO."""
    image = samples.scene(64, 32)
    content = encoded(image, "MPO", save_all=True, append_images=[image.rotate(180)])
    assert near(drawn(content).getpixel((9, 9)), (254, 0, 0))


@pytest.mark.parametrize("content", [b"", b"text", b"\xff\xd8\xff"])
def test_what_is_no_picture_is_an_error(content):
    with pytest.raises(UnreadablePictureError):
        draw(content, [Wanted(SMALL, WEBP)])
