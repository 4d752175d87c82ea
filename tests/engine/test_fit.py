import numpy as np
import pytest
from PIL import Image

from comparisons.engine import CanvasTooLarge, Limits, Options, SizePolicy, SizesDiffer, compare

from .pictures import BLACK, WHITE, gradient, noise, plain


def fitting(policy: str) -> Options:
    return Options(size_policy=SizePolicy(policy))


@pytest.mark.parametrize("policy", SizePolicy)
def test_no_policy_applies_to_pictures_of_one_size(policy: SizePolicy) -> None:
    pixels1, pixels2 = noise(30, 20, seed=1), noise(30, 20, seed=2)

    result = compare(pixels1, pixels2, fitting(policy))

    assert result.size_policy_applied is None
    assert (result.canvas.rgb1 == pixels1).all()
    assert (result.canvas.rgb2 == pixels2).all()


@pytest.mark.parametrize("policy", ["resize", "pad", "crop"])
def test_the_result_names_the_policy_that_was_applied(policy: str) -> None:
    result = compare(plain(10, 10), plain(20, 10), fitting(policy))

    assert result.size_policy_applied == policy


def test_error_refuses_and_names_both_sizes() -> None:
    with pytest.raises(SizesDiffer, match="10 x 20 and 30 x 20"):
        compare(plain(10, 20), plain(30, 20), fitting("error"))


def test_resize_brings_image2_to_image1s_size() -> None:
    result = compare(plain(30, 20), plain(300, 7), fitting("resize"))

    assert (result.width, result.height) == (30, 20)
    assert result.match


def test_resize_averages_the_pixels_that_become_one() -> None:
    stripes = np.tile(np.array([[[0] * 3, [100] * 3]], np.uint8), (8, 8, 1))

    result = compare(plain(8, 8, (50, 50, 50)), stripes, fitting("resize"))

    assert (result.canvas.rgb2 == 50).all()
    assert result.mse == 0


def test_resize_shrinks_as_pillows_box_filter_does() -> None:
    pixels = noise(120, 90, seed=1)

    result = compare(plain(40, 30), pixels, fitting("resize"))

    expected = np.asarray(Image.fromarray(pixels).resize((40, 30), Image.Resampling.BOX))
    assert np.abs(result.canvas.rgb2.astype(int) - expected).max() <= 1


def test_resize_enlarges_linearly() -> None:
    pixels = gradient(30, 20)

    result = compare(plain(90, 80), pixels, fitting("resize"))

    expected = np.asarray(Image.fromarray(pixels).resize((90, 80), Image.Resampling.BILINEAR))
    assert np.abs(result.canvas.rgb2.astype(int) - expected).max() <= 1


def test_a_side_may_shrink_while_the_other_grows() -> None:
    columns = np.tile(np.array([[[0] * 3, [100] * 3]], np.uint8), (5, 20, 1))

    result = compare(plain(20, 10), columns, fitting("resize"))

    assert (result.canvas.rgb2 == 50).all()


def test_pad_counts_what_one_picture_only_covers_though_it_looks_the_same() -> None:
    result = compare(plain(100, 100), plain(100, 200), fitting("pad"))

    assert (result.width, result.height) == (100, 200)
    assert result.diff_pixels == 10_000
    assert result.diff_ratio == 0.5
    assert not result.match
    assert result.mask[100:].all()
    assert not result.mask[:100].any()


def test_pad_compares_the_uncovered_part_to_the_background_for_mse() -> None:
    options = Options(size_policy=SizePolicy.PAD, background=(100, 100, 100))

    result = compare(plain(10, 10, BLACK), plain(10, 20, BLACK), options)

    assert result.mse == 100**2 / 2


def test_pad_leaves_alone_what_neither_picture_covers() -> None:
    result = compare(plain(10, 30), plain(40, 20), fitting("pad"))

    assert (result.width, result.height) == (40, 30)
    assert result.diff_pixels == 10 * 10 + 30 * 20
    assert not result.mask[20:, 10:].any()


def test_pad_never_excuses_what_one_picture_only_covers() -> None:
    pixels = noise(30, 30, seed=1)
    options = Options(size_policy=SizePolicy.PAD, ignore_antialiasing=True)

    result = compare(pixels, pixels[:20], options)

    assert result.diff_pixels == 30 * 10
    assert result.antialiased_pixels == 0


def test_pad_is_refused_where_the_canvas_exceeds_the_limit() -> None:
    options, limits = fitting("pad"), Limits(max_pixels=1000)

    with pytest.raises(CanvasTooLarge, match="100 x 100"):
        compare(plain(100, 1), plain(1, 100), options, limits)


def test_a_padded_canvas_may_have_as_many_pixels_as_the_limit() -> None:
    limits = Limits(max_pixels=100 * 100)

    result = compare(plain(100, 1), plain(1, 100), fitting("pad"), limits)

    assert (result.width, result.height) == (100, 100)


def test_a_padded_canvas_may_not_have_a_pixel_more_than_the_limit() -> None:
    with pytest.raises(CanvasTooLarge):
        compare(plain(100, 1), plain(1, 100), fitting("pad"), Limits(max_pixels=100 * 100 - 1))


def test_crop_compares_the_part_at_the_top_left_that_both_have() -> None:
    pixels = noise(40, 30, seed=1)
    other = np.full((20, 60, 3), WHITE, np.uint8)
    other[:20, :40] = pixels[:20, :40]

    result = compare(pixels, other, fitting("crop"))

    assert (result.width, result.height) == (40, 20)
    assert result.total_pixels == 800
    assert result.match
