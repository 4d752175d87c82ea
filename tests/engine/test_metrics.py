import math
from typing import Any

import numpy as np
import pytest
import skimage
from numpy.typing import NDArray

from comparisons.engine.canvas import Canvas
from comparisons.engine.metrics import (
    mean_similarity,
    mean_squared_error,
    peak_signal_noise_ratio,
)

from .pictures import Pixels, gradient, nearly, noise, written

# Without type information.
scikit_image: Any = skimage.metrics

PAIRS = {
    "noise": (noise(64, 48, seed=1), noise(64, 48, seed=2)),
    "alike": (gradient(90, 70), nearly(gradient(90, 70), seed=3)),
    "text": (written("Compare"), written("Compere")),
    "black and white": (np.zeros((30, 40, 3), np.uint8), np.full((30, 40, 3), 255, np.uint8)),
    "equal": (gradient(50, 40), gradient(50, 40)),
    "just a window": (noise(7, 7, seed=4), noise(7, 7, seed=5)),
    "many bands": (noise(3000, 100, seed=6), nearly(noise(3000, 100, seed=6), seed=7)),
}
pairs = pytest.mark.parametrize(("pixels1", "pixels2"), PAIRS.values(), ids=PAIRS)


def some_of(gray: Pixels, seed: int) -> NDArray[np.bool_]:
    return np.asarray(np.random.default_rng(seed).random(gray.shape) < 0.3)


def canvas_of(gray1: Pixels, gray2: Pixels, ignored: NDArray[np.bool_] | None = None) -> Canvas:
    rgb1, rgb2 = (np.repeat(gray[..., np.newaxis], 3, axis=2) for gray in (gray1, gray2))
    return Canvas(rgb1, rgb2, ignored=ignored)


@pairs
def test_mse_agrees_with_scikit_image(pixels1: Pixels, pixels2: Pixels) -> None:
    gray1, gray2 = pixels1[..., 0], pixels2[..., 0]

    mse = mean_squared_error(canvas_of(gray1, gray2))

    expected = scikit_image.mean_squared_error(gray1, gray2)
    assert mse == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_mse_of_white_against_black_is_exact_in_a_large_picture() -> None:
    black = np.zeros((5000, 4000), np.uint8)

    mse = mean_squared_error(canvas_of(black, ~black))

    assert mse == 65025


def test_mse_leaves_ignored_pixels_out_of_sum_and_count() -> None:
    gray1, gray2 = noise(64, 48, seed=1)[..., 0], noise(64, 48, seed=2)[..., 0]
    ignored = some_of(gray1, seed=3)

    mse = mean_squared_error(canvas_of(gray1, gray2, ignored))

    expected = scikit_image.mean_squared_error(gray1[~ignored], gray2[~ignored])
    assert mse == pytest.approx(expected, rel=1e-12)


def test_mse_is_0_where_all_is_ignored() -> None:
    gray = noise(8, 8, seed=1)[..., 0]

    mse = mean_squared_error(canvas_of(gray, ~gray, np.ones_like(gray, np.bool_)))

    assert mse == 0


@pytest.mark.parametrize("mse", [65025, 12.25, 1 / 3_000_000])
def test_psnr_follows_from_mse(mse: float) -> None:
    psnr = peak_signal_noise_ratio(mse)

    assert psnr == pytest.approx(20 * math.log10(255) - 10 * math.log10(mse), rel=1e-12)


def test_psnr_agrees_with_scikit_image() -> None:
    gray1, gray2 = noise(64, 48, seed=1)[..., 0], noise(64, 48, seed=2)[..., 0]

    psnr = peak_signal_noise_ratio(mean_squared_error(canvas_of(gray1, gray2)))

    expected = scikit_image.peak_signal_noise_ratio(gray1, gray2)
    assert psnr == pytest.approx(expected, rel=1e-9)


def test_psnr_of_equal_pictures_is_infinite_and_so_none() -> None:
    assert peak_signal_noise_ratio(0.0) is None


@pairs
def test_ssim_agrees_with_scikit_image(pixels1: Pixels, pixels2: Pixels) -> None:
    gray1, gray2 = pixels1[..., 0], pixels2[..., 0]

    ssim = mean_similarity(canvas_of(gray1, gray2).dissimilarity)

    expected = scikit_image.structural_similarity(gray1, gray2, data_range=255)
    assert ssim == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(("width", "height"), [(6, 100), (100, 6), (3, 3), (1, 1)])
def test_where_no_window_fits_ssim_averages_the_windows_of_all_pixels(
    width: int, height: int
) -> None:
    dissimilarity = np.random.default_rng(1).random((height, width), np.float32)

    ssim = mean_similarity(dissimilarity)

    assert ssim == pytest.approx(1 - dissimilarity.astype(np.float64).mean(), rel=1e-12)


def test_ssim_leaves_out_ignored_pixels() -> None:
    dissimilarity = np.random.default_rng(1).random((40, 30), np.float32)
    ignored = np.random.default_rng(2).random((40, 30)) < 0.5
    dissimilarity[ignored] = 0

    ssim = mean_similarity(dissimilarity, ignored)

    inner = np.ma.masked_array(1 - dissimilarity.astype(np.float64), ignored)[3:-3, 3:-3]
    assert ssim == pytest.approx(inner.mean(), rel=1e-12)


def test_ssim_is_1_where_all_is_ignored() -> None:
    ssim = mean_similarity(np.zeros((20, 20), np.float32), np.ones((20, 20), np.bool_))

    assert ssim == 1
