import itertools
from typing import Any

import numpy as np
import pytest
import skimage

from comparisons.engine import METHODS
from comparisons.engine.canvas import Canvas

from .pictures import BLACK, WHITE, Pixels, gradient, nearly, noise, plain

# Without type information.
scikit_image: Any = skimage.metrics

THRESHOLDS = [0, 0.05, 0.1, 0.5, 1]
ALIKE = (gradient(80, 60), nearly(gradient(80, 60), seed=1, most=40))


def luma(pixels: Pixels) -> Pixels:
    """Round ITU-R BT.601's weights of red, green and blue."""
    return np.asarray((pixels @ [0.299, 0.587, 0.114]).round(), np.uint8)


def test_there_is_a_method_for_each_file_and_each_says_what_it_is() -> None:
    summaries = {name: method.summary for name, method in METHODS.items()}

    assert set(summaries) == {"grayscale", "ssim", "yiq"}
    assert all(summary and "\n" not in summary for summary in summaries.values())


@pytest.mark.parametrize("name", METHODS)
def test_equal_pictures_have_no_difference_at_any_threshold(name: str) -> None:
    pixels = noise(40, 30, seed=1)

    masks = [METHODS[name].mark(Canvas(pixels, pixels.copy()), t) for t in THRESHOLDS]

    assert not any(mask.any() for mask in masks)


@pytest.mark.parametrize("name", METHODS)
def test_a_higher_threshold_marks_no_new_pixel(name: str) -> None:
    canvas = Canvas(*ALIKE)

    masks = [METHODS[name].mark(canvas, threshold) for threshold in np.linspace(0, 1, 20)]

    assert masks[0].any()
    assert all((later <= earlier).all() for earlier, later in itertools.pairwise(masks))


@pytest.mark.parametrize("name", METHODS)
def test_what_is_marked_measures_more_than_the_threshold(name: str) -> None:
    canvas = Canvas(*ALIKE)

    mask = METHODS[name].mark(canvas, 0.07)

    distance = METHODS[name].measure(canvas)
    assert distance.min() >= 0
    assert distance.max() <= 1
    assert ((distance > 0.07) == mask).all()


@pytest.mark.parametrize("threshold", THRESHOLDS)
def test_grayscale_compares_the_luma(threshold: float) -> None:
    pixels1, pixels2 = noise(80, 60, seed=1), noise(80, 60, seed=2)

    mask = METHODS["grayscale"].mark(Canvas(pixels1, pixels2), threshold)

    distance = np.abs(luma(pixels1).astype(int) - luma(pixels2))
    assert (mask == (distance > threshold * 255)).all()


def test_grayscale_takes_a_difference_of_exactly_the_threshold_for_equal() -> None:
    canvas = Canvas(plain(3, 3, (0, 0, 0)), plain(3, 3, (51, 51, 51)))

    at_threshold = METHODS["grayscale"].mark(canvas, 0.2)
    below = METHODS["grayscale"].mark(canvas, 50 / 255)

    assert not at_threshold.any()
    assert below.all()


@pytest.mark.parametrize("threshold", THRESHOLDS)
def test_ssim_marks_where_scikit_images_map_falls_short(threshold: float) -> None:
    pixels1, pixels2 = ALIKE

    mask = METHODS["ssim"].mark(Canvas(pixels1, pixels2), threshold)

    _, similarity = scikit_image.structural_similarity(
        luma(pixels1), luma(pixels2), data_range=255, full=True
    )
    clear = np.abs(1 - similarity - threshold) > 1e-5
    assert (mask == (1 - similarity > threshold))[clear].all()


# The squared distance of each primary from black, worked out by hand from Kotsarenko & Ramos's weights.
@pytest.mark.parametrize(
    ("color", "squared_distance"),
    [
        pytest.param((255, 0, 0), 10411.7, id="red"),
        pytest.param((0, 255, 0), 16253.8, id="green"),
        pytest.param((0, 0, 255), 3675.7, id="blue"),
        pytest.param(WHITE, 32857.1, id="white"),
    ],
)
def test_yiq_measures_the_published_distance(
    color: tuple[int, int, int], squared_distance: float
) -> None:
    canvas = Canvas(plain(2, 2, BLACK), plain(2, 2, color))

    distances = METHODS["yiq"].measure(canvas)

    assert 35215 * distances[0, 0] ** 2 == pytest.approx(squared_distance, rel=2e-3)


@pytest.mark.parametrize("threshold", [0, 0.02, 0.1, 0.2, 0.33, 0.49])
def test_yiq_marks_every_colour_that_lies_further_away(threshold: float) -> None:
    steps = np.arange(-128, 128, 8)
    changes = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(-1, 1, 3)
    diagonal = np.arange(128)[:, np.newaxis, np.newaxis] * [1, -1, -1]
    pixels2 = np.concatenate([changes, diagonal]) + 128
    canvas = Canvas(np.full_like(pixels2, 128, np.uint8), pixels2.astype(np.uint8))

    mask = METHODS["yiq"].mark(canvas, threshold)

    to_yiq = [
        [0.29889531, 0.58662247, 0.11448223],
        [0.59597799, -0.27417610, -0.32180189],
        [0.21147017, -0.52261711, 0.31114694],
    ]
    distances = ((pixels2 - 128) @ np.transpose(to_yiq)) ** 2 @ [0.5053, 0.299, 0.1957]
    limit = 35215 * threshold**2
    clear = np.abs(distances - limit) > 1e-6
    assert (mask == (distances > limit))[clear].all()


def test_yiq_sees_a_change_of_hue_that_grayscale_is_blind_to() -> None:
    canvas = Canvas(plain(4, 4, (200, 0, 0)), plain(4, 4, (0, 102, 0)))

    masks = {name: METHODS[name].mark(canvas, 0.1) for name in ("grayscale", "yiq")}

    assert not masks["grayscale"].any()
    assert masks["yiq"].all()
