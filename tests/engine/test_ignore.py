import numpy as np
import pytest

from comparisons.engine import (
    METHODS,
    IgnoreMaskSizeDiffers,
    Metric,
    Options,
    Rectangle,
    SizePolicy,
    compare,
)

from .pictures import BLACK, WHITE, encode, noise, plain, written


def ignoring(*boxes: tuple[int, int, int, int], **others: object) -> Options:
    regions = tuple(Rectangle(x=x, y=y, width=w, height=h) for x, y, w, h in boxes)
    return Options(ignore_regions=regions, **others)  # type: ignore[arg-type]


def test_ignored_pixels_count_for_nothing() -> None:
    result = compare(plain(10, 10, BLACK), plain(10, 10, WHITE), ignoring((0, 0, 10, 4)))

    assert result.ignored_pixels == 40
    assert result.diff_pixels == 60
    assert result.total_pixels == 100
    assert result.diff_ratio == 1
    assert result.mse == 65025


def test_the_ratio_is_that_of_the_pixels_which_count() -> None:
    pixels1, pixels2 = plain(10, 10), plain(10, 10)
    pixels2[:5, :4] = BLACK

    result = compare(pixels1, pixels2, ignoring((0, 0, 2, 10)))

    assert result.diff_pixels == 10
    assert result.diff_ratio == 10 / 80
    assert result.mse == 65025 * 10 / 80


def test_pixels_in_two_regions_are_ignored_once() -> None:
    result = compare(plain(10, 10), plain(10, 10), ignoring((0, 0, 6, 6), (3, 3, 6, 6)))

    assert result.ignored_pixels == 36 + 36 - 9


@pytest.mark.parametrize(
    ("box", "ignored_pixels"),
    [
        pytest.param((-5, -5, 8, 8), 9, id="over the top left corner"),
        pytest.param((8, 8, 1000, 1000), 4, id="over the bottom right corner"),
        pytest.param((-8, -8, 5, 5), 0, id="left of all"),
        pytest.param((10, 0, 5, 5), 0, id="right of all"),
        pytest.param((3, 3, 0, 5), 0, id="without width"),
        pytest.param((-1, -1, 12, 12), 100, id="over all"),
    ],
)
def test_regions_are_clipped_to_the_canvas(
    box: tuple[int, int, int, int], ignored_pixels: int
) -> None:
    result = compare(plain(10, 10), plain(10, 10), ignoring(box))

    assert result.ignored_pixels == ignored_pixels


def test_a_region_of_negative_size_is_refused() -> None:
    with pytest.raises(ValueError, match="-1 x 5"):
        Rectangle(x=0, y=0, width=-1, height=5)


@pytest.mark.parametrize("method", METHODS)
def test_where_all_is_ignored_nothing_differs(method: str) -> None:
    options = ignoring((0, 0, 20, 20), method=method, metrics=frozenset({Metric.SSIM}))

    result = compare(noise(20, 20, seed=1), noise(20, 20, seed=2), options)

    assert (result.mse, result.psnr, result.ssim) == (0, None, 1)
    assert (result.diff_pixels, result.diff_ratio, result.regions) == (0, 0, ())
    assert result.match


def test_regions_are_pixels_of_the_padded_canvas() -> None:
    options = ignoring((0, 10, 10, 10), size_policy=SizePolicy.PAD)

    result = compare(plain(10, 10), plain(10, 20), options)

    assert result.ignored_pixels == 100
    assert result.match


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("ignore_antialiasing", [False, True], ids=["all", "no anti-aliasing"])
def test_what_is_under_an_ignored_region_matters_to_no_figure(
    method: str, *, ignore_antialiasing: bool
) -> None:
    pixels1, pixels2 = written("Quick fox"), written("Quack fox", x=4.5)
    options = ignoring(
        (20, 5, 25, 18),
        method=method,
        threshold=0.05,
        ignore_antialiasing=ignore_antialiasing,
        metrics=frozenset({Metric.SSIM}),
    )
    disturbed1, disturbed2 = pixels1.copy(), pixels2.copy()
    disturbed1[5:23, 20:45], disturbed2[5:23, 20:45] = noise(25, 18, seed=1), BLACK

    result = compare(pixels1, pixels2, options)
    disturbed = compare(disturbed1, disturbed2, options)

    assert result.diff_pixels > 0
    assert (result.mask == disturbed.mask).all()
    assert result.antialiased_pixels == disturbed.antialiased_pixels
    assert (result.mse, result.ssim) == (disturbed.mse, disturbed.ssim)


def test_anti_aliasing_ends_at_an_ignored_region_as_at_the_pictures_border() -> None:
    pixels1, pixels2 = written("Quick fox"), written("Quick fox", x=4.5)
    cut = 24
    options = Options(method="yiq", threshold=0.05, ignore_antialiasing=True)

    whole = compare(
        pixels1,
        pixels2,
        ignoring((cut, 0, 999, 999), method="yiq", threshold=0.05, ignore_antialiasing=True),
    )
    part = compare(pixels1[:, :cut], pixels2[:, :cut], options)

    assert part.antialiased_pixels > 0
    assert (whole.mask[:, :cut] == part.mask).all()


def test_the_black_pixels_of_the_ignore_mask_are_ignored() -> None:
    mask = plain(10, 10)
    mask[:3] = BLACK
    mask[3] = (1, 0, 0)

    result = compare(plain(10, 10), plain(10, 10, BLACK), ignore_mask=mask)

    assert result.ignored_pixels == 30
    assert result.diff_pixels == 70


def test_the_ignore_mask_may_be_a_file() -> None:
    mask = encode(plain(10, 10, BLACK), "PNG")

    result = compare(plain(10, 10), plain(10, 10, BLACK), ignore_mask=mask)

    assert result.ignored_pixels == 100


def test_transparent_parts_of_the_ignore_mask_ignore_nothing() -> None:
    mask = plain(10, 10, (0, 0, 0, 0))
    mask[:2, :, 3] = 255

    result = compare(plain(10, 10), plain(10, 10), Options(background=BLACK), ignore_mask=mask)

    assert result.ignored_pixels == 20


def test_the_ignore_mask_and_the_regions_add_up() -> None:
    mask = plain(10, 10)
    mask[0] = BLACK

    result = compare(plain(10, 10), plain(10, 10), ignoring((0, 0, 1, 10)), ignore_mask=mask)

    assert result.ignored_pixels == 19


def test_an_ignore_mask_of_another_size_is_refused() -> None:
    with pytest.raises(IgnoreMaskSizeDiffers, match="5 x 10 pixels, the compared canvas 10 x 10"):
        compare(plain(10, 10), plain(10, 10), ignore_mask=plain(5, 10))


def test_ssim_agrees_with_the_mean_over_the_pixels_that_count() -> None:
    pixels1, pixels2 = noise(40, 30, seed=1), noise(40, 30, seed=2)
    options = ignoring((0, 0, 20, 30), metrics=frozenset({Metric.SSIM}))

    result = compare(pixels1, pixels2, options)

    similarity = 1 - result.canvas.dissimilarity.astype(np.float64)
    assert result.ssim == pytest.approx(similarity[3:-3, 20:-3].mean(), rel=1e-12)
