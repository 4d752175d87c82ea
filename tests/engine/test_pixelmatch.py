"""The yiq method beside pixelmatch, in the Python port that gives the npm package's counts up to 7."""

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from pixelmatch.contrib.PIL import pixelmatch

from comparisons.engine import METHODS, Options, compare

from .pictures import BLACK, WHITE, Pixels, gradient, lined, nearly, noise, plain, written


def few_colors(width: int, height: int, *, seed: int) -> Pixels:
    """Scatter five grays, so that equal neighbours and equal extremes abound."""
    grays = np.random.default_rng(seed).integers(0, 5, (height, width, 1)) * 60
    return np.repeat(grays, 3, axis=2).astype(np.uint8)


def with_blocks(pixels: Pixels, *, seed: int) -> Pixels:
    changed = pixels.copy()
    for x, y in np.random.default_rng(seed).integers(0, 50, (12, 2)):
        changed[y : y + 4, x : x + 9] = noise(1, 1, seed=int(x))
    return changed


PAIRS = {
    "text moved by half a pixel": (written("Quick fox"), written("Quick fox", x=4.5)),
    "another text": (written("Quick fox"), written("Quack fax")),
    "lines of another tilt": (lined(tilt=1), lined(tilt=1.2)),
    "gradients": (gradient(70, 50), gradient(70, 50, start=60)),
    "noise": (noise(40, 30, seed=1), noise(40, 30, seed=2)),
    "noise on a gradient": (gradient(70, 50), nearly(gradient(70, 50), seed=3, most=60)),
    "few colours": (few_colors(60, 50, seed=1), few_colors(60, 50, seed=2)),
    "blocks on text": (written("Blocks"), with_blocks(written("Blocks"), seed=4)),
    "black and white": (plain(20, 20, BLACK), plain(20, 20, WHITE)),
    "one pixel": (plain(1, 1, BLACK), plain(1, 1, WHITE)),
    "a row": (few_colors(60, 1, seed=5), few_colors(60, 1, seed=6)),
    "a column": (few_colors(1, 60, seed=7), few_colors(1, 60, seed=8)),
}
pairs = pytest.mark.parametrize(("pixels1", "pixels2"), PAIRS.values(), ids=PAIRS)
thresholds = pytest.mark.parametrize("threshold", [0, 0.05, 0.1, 0.3])


def mark_by_pixelmatch(
    pixels1: Pixels, pixels2: Pixels, threshold: float, *, ignore_antialiasing: bool
) -> NDArray[np.bool_]:
    image1, image2 = Image.fromarray(pixels1), Image.fromarray(pixels2)
    output = Image.new("RGBA", image1.size)
    pixelmatch(
        image1,
        image2,
        output,
        threshold=threshold,
        includeAA=not ignore_antialiasing,
        diff_mask=True,
    )
    return np.asarray(output)[..., 3] > 0


@pairs
@thresholds
@pytest.mark.parametrize("ignore_antialiasing", [False, True], ids=["all", "no anti-aliasing"])
def test_the_mask_is_pixelmatchs_pixel_for_pixel(
    pixels1: Pixels, pixels2: Pixels, threshold: float, *, ignore_antialiasing: bool
) -> None:
    options = Options(method="yiq", threshold=threshold, ignore_antialiasing=ignore_antialiasing)

    result = compare(pixels1, pixels2, options)

    expected = mark_by_pixelmatch(
        pixels1, pixels2, threshold, ignore_antialiasing=ignore_antialiasing
    )
    assert (result.mask == expected).all()


def test_pictures_of_many_bands_are_pixelmatchs_too() -> None:
    pixels1 = np.tile(written("Quick brown fox", width=180), (4, 10, 1))
    pixels2 = np.tile(written("Quick brawn fox", x=4.4, width=180), (4, 10, 1))
    options = Options(method="yiq", ignore_antialiasing=True)

    result = compare(pixels1, pixels2, options)

    assert result.antialiased_pixels > 0
    expected = mark_by_pixelmatch(pixels1, pixels2, 0.1, ignore_antialiasing=True)
    assert (result.mask == expected).all()


def test_transparency_over_white_is_counted_as_the_port_counts_it() -> None:
    pixels1 = np.dstack([written("Alpha"), plain(120, 40, (255,))])
    pixels2 = pixels1.copy()
    pixels2[10:20, 10:60, 3] = 0

    result = compare(pixels1, pixels2, Options(method="yiq"))

    count = pixelmatch(Image.fromarray(pixels1), Image.fromarray(pixels2), includeAA=True)
    assert result.diff_pixels == count > 0


@pytest.mark.parametrize("method", METHODS)
def test_every_method_counts_what_it_excuses(method: str) -> None:
    pixels1, pixels2 = written("Quick fox"), written("Quick fox", x=4.5)

    strict = compare(pixels1, pixels2, Options(method=method, threshold=0.05))
    lenient = compare(
        pixels1, pixels2, Options(method=method, threshold=0.05, ignore_antialiasing=True)
    )

    assert strict.antialiased_pixels == 0
    assert lenient.antialiased_pixels > 0
    assert lenient.diff_pixels + lenient.antialiased_pixels == strict.diff_pixels
