"""What is drawn fast looks like what is drawn slowly: before it is encoded, compared with a full decode and Lanczos."""

import io

import pytest
from PIL import Image

from project.photos import drawing
from project.photos.specs import SPECS
from tests.bench.photograph import photograph
from tests.likeness import ssim

STILL = [spec for spec in SPECS if not spec.moves]


@pytest.fixture(scope="module")
def taken():
    return photograph(2400, 1800)


def test_fast_drawing_is_seen_by_nobody(taken):
    with Image.open(io.BytesIO(taken)) as image:
        image.load()
    for spec, made in drawing.images(taken, STILL).items():
        assert ssim(made, image.resize(made.size, Image.Resampling.LANCZOS)) >= 0.995, spec.name


def test_a_picture_is_like_itself_and_not_like_another():
    image = Image.effect_noise((160, 120), 60)
    assert ssim(image, image) == pytest.approx(1.0)
    assert ssim(image, image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)) < 0.2
