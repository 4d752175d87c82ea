from typing import Any

import numpy as np
import pytest
import skimage
from numpy.typing import NDArray

from comparisons.engine.canvas import Canvas

from .pictures import Pixels, gradient, nearly, noise, written

# Without type information.
scikit_image: Any = skimage.metrics


@pytest.mark.parametrize(
    ("pixels1", "pixels2"),
    [
        pytest.param(noise(64, 48, seed=1), noise(64, 48, seed=2), id="noise"),
        pytest.param(gradient(90, 70), nearly(gradient(90, 70), seed=3), id="alike"),
        pytest.param(written("Compare"), written("Compere"), id="text"),
        pytest.param(noise(3000, 90, seed=1), noise(3000, 90, seed=2), id="many bands"),
        pytest.param(noise(7, 7, seed=1), noise(7, 7, seed=2), id="just a window"),
    ],
)
def test_the_map_agrees_with_scikit_image_borders_included(
    pixels1: Pixels, pixels2: Pixels
) -> None:
    gray1, gray2 = pixels1[..., 0], pixels2[..., 0]

    similarity = map_similarity(gray1, gray2)

    _, expected = scikit_image.structural_similarity(gray1, gray2, data_range=255, full=True)
    np.testing.assert_allclose(similarity, expected, atol=2e-6)


@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (50, 1), (2, 3), (6, 6)])
def test_pictures_smaller_than_the_window_are_mirrored(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(1)
    gray1, gray2 = rng.integers(0, 256, (2, *shape), np.uint8)

    similarity = map_similarity(gray1, gray2)

    counted = np.ones(shape, np.bool_)
    np.testing.assert_allclose(similarity, compare_by_hand(gray1, gray2, counted), atol=2e-6)


def test_windows_leave_out_ignored_pixels() -> None:
    rng = np.random.default_rng(1)
    gray1, gray2 = rng.integers(0, 256, (2, 20, 30), np.uint8)
    ignored = rng.random((20, 30)) < 0.4
    ignored[5:14, 8:25] = True
    ignored[9, 16] = False

    similarity = map_similarity(gray1, gray2, ignored)

    expected = compare_by_hand(gray1, gray2, ~ignored)
    np.testing.assert_allclose(similarity[~ignored], expected[~ignored], atol=2e-6)


def test_equal_windows_are_similar_to_exactly_1() -> None:
    gray1 = noise(60, 40, seed=1)[..., 0]
    gray2 = gray1.copy()
    gray2[0, 0] ^= 255

    similarity = map_similarity(gray1, gray2)

    assert (similarity[4:, 4:] == 1).all()


@pytest.mark.parametrize(
    ("x", "y"), [(0, 0), (2999, 89), (255, 40), (256, 41), (1500, 10)], ids=str
)
def test_a_single_pixel_sets_all_windows_apart_that_hold_it(x: int, y: int) -> None:
    gray1 = noise(3000, 90, seed=1)[..., 0]
    gray2 = gray1.copy()
    gray2[y, x] ^= 255

    similarity = map_similarity(gray1, gray2)

    _, expected = scikit_image.structural_similarity(gray1, gray2, data_range=255, full=True)
    np.testing.assert_allclose(similarity, expected, atol=2e-6)


def map_similarity(
    gray1: Pixels, gray2: Pixels, ignored: NDArray[np.bool_] | None = None
) -> NDArray[np.float64]:
    rgb1, rgb2 = (np.repeat(gray[..., np.newaxis], 3, axis=2) for gray in (gray1, gray2))
    return 1 - Canvas(rgb1, rgb2, ignored=ignored).dissimilarity.astype(np.float64)


def compare_by_hand(
    gray1: Pixels, gray2: Pixels, counted: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Follow Wang et al. 2004, equation 13, window by window; nan where nothing counts."""
    padded1, padded2, kept = (
        np.pad(plane, 3, mode="symmetric") for plane in (gray1, gray2, counted)
    )
    similarity = np.full(gray1.shape, np.nan)
    for y, x in np.ndindex(*gray1.shape):
        window = (slice(y, y + 7), slice(x, x + 7))
        values1, values2 = (
            padded[window][kept[window]].astype(np.float64) for padded in (padded1, padded2)
        )
        if values1.size:
            similarity[y, x] = compare_values(values1, values2)
    return similarity


def compare_values(values1: NDArray[np.float64], values2: NDArray[np.float64]) -> float:
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    mean1, mean2 = values1.mean(), values2.mean()
    pairs = max(values1.size - 1, 1)
    variance1, variance2 = (
        ((values - values.mean()) ** 2).sum() / pairs for values in (values1, values2)
    )
    covariance = ((values1 - mean1) * (values2 - mean2)).sum() / pairs
    return float(
        (2 * mean1 * mean2 + c1)
        * (2 * covariance + c2)
        / ((mean1**2 + mean2**2 + c1) * (variance1 + variance2 + c2))
    )
