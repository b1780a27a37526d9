"""How much two pictures look alike."""

from PIL import ImageMath

WINDOW, STEP = 8, 4  # pixels
C1, C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2


def ssim(one, other):
    """Returns the structural similarity of the brightness of two pictures of one size: 1.0 where they are the same.

    Z. Wang et al., "Image quality assessment: from error visibility to structural similarity", 2004, in windows of
    8 by 8 pixels that overlap by half.
    """
    one, other = (each.convert("L").convert("F") for each in (one, other))
    parts = [one, other, times(one, one), times(other, other), times(one, other)]
    found = [
        like(*values) for shift in shifts() for values in zip(*(means(each, *shift) for each in parts), strict=True)
    ]
    return sum(found) / len(found)


def shifts():
    return [(x, y) for x in range(0, WINDOW, STEP) for y in range(0, WINDOW, STEP)]


def times(one, other):
    return ImageMath.lambda_eval(lambda of: of["one"] * of["other"], one=one, other=other)


def means(image, left, top):
    """Returns the means of an image's whole windows, of which the first one begins there."""
    across, down = (image.width - left) // WINDOW, (image.height - top) // WINDOW
    whole = image.crop((left, top, left + across * WINDOW, top + down * WINDOW))
    return whole.reduce(WINDOW).get_flattened_data()


def like(one, other, one_squared, other_squared, both):
    variances = one_squared - one * one + other_squared - other * other
    covariance = both - one * other
    return (2 * one * other + C1) * (2 * covariance + C2) / ((one * one + other * other + C1) * (variances + C2))
