"""What holds for any two pictures and any options."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from comparisons.engine import (
    METHODS,
    EngineError,
    Limits,
    Metric,
    Options,
    Rectangle,
    Result,
    SizePolicy,
    compare,
)

from .pictures import Pixels

LIMITS = Limits(max_pixels=300)

sides = st.integers(1, 24)
channels = st.sampled_from([3, 4])


@st.composite
def rectangles(draw: st.DrawFn) -> Rectangle:
    corner, size = st.integers(-5, 30), st.integers(0, 15)
    return Rectangle(x=draw(corner), y=draw(corner), width=draw(size), height=draw(size))


def pixels_of(height: int, width: int, channel_count: int) -> st.SearchStrategy[Pixels]:
    """Few values, so that neighbours are often equal, or any."""
    values = st.one_of(st.sampled_from([0, 60, 128, 255]), st.integers(0, 255))
    return npst.arrays(np.uint8, (height, width, channel_count), elements=values)


@st.composite
def pictures(draw: st.DrawFn) -> Pixels:
    return draw(pixels_of(draw(sides), draw(sides), draw(channels)))


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Pixels, Pixels]:
    """Make two pictures of one size, the second often a changed first."""
    shape = draw(sides), draw(sides), draw(channels)
    pixels1 = draw(pixels_of(*shape))
    if draw(st.booleans()):
        return pixels1, draw(pixels_of(*shape))
    pixels2 = pixels1.copy()
    pixels2[: shape[0] // 2, : shape[1] // 2] = draw(pixels_of(1, 1, shape[2]))
    return pixels1, pixels2


settings_of_options = {
    "method": st.sampled_from([*METHODS]),
    "threshold": st.floats(0, 1),
    "ignore_antialiasing": st.booleans(),
    "size_policy": st.sampled_from(SizePolicy),
    "background": st.tuples(*[st.integers(0, 255)] * 3),
    "ignore_regions": st.lists(rectangles(), max_size=3).map(tuple),
    "metrics": st.frozensets(st.sampled_from(Metric)),
    "max_diff_pixels": st.none() | st.integers(0, 1000),
    "max_diff_ratio": st.none() | st.floats(0, 1),
    "max_mse": st.none() | st.floats(0, 65025),
    "min_ssim": st.none() | st.floats(-1, 1),
}
options_of_all_kinds = st.builds(Options, **settings_of_options)


def figures(result: Result) -> dict[str, object]:
    """Take what doesn't depend on which picture is the first."""
    names = (
        "mse",
        "psnr",
        "ssim",
        "diff_pixels",
        "diff_ratio",
        "antialiased_pixels",
        "ignored_pixels",
    )
    return {
        name: getattr(result, name) for name in (*names, "alpha_diff_pixels", "regions", "match")
    }


@given(pictures(), pictures(), options_of_all_kinds)
def test_any_two_pictures_give_a_result_that_agrees_with_itself_or_a_typed_error(
    pixels1: Pixels, pixels2: Pixels, options: Options
) -> None:
    try:
        result = compare(pixels1, pixels2, options, LIMITS)
    except EngineError:
        return

    counted = result.total_pixels - result.ignored_pixels
    assert result.mask.shape == (result.height, result.width)
    assert result.diff_pixels == np.count_nonzero(result.mask)
    assert result.diff_pixels + result.antialiased_pixels <= counted
    assert result.diff_ratio == (result.diff_pixels / counted if counted else 0)
    assert 0 <= result.mse <= 65025
    assert result.ssim is None or -1 <= result.ssim <= 1


@given(pairs(), options_of_all_kinds)
def test_which_picture_is_first_matters_to_no_figure(
    pixels: tuple[Pixels, Pixels], options: Options
) -> None:
    result = compare(pixels[0], pixels[1], options)
    swapped = compare(pixels[1], pixels[0], options)

    assert figures(result) == figures(swapped)


@given(pictures(), options_of_all_kinds)
def test_a_picture_matches_itself(pixels: Pixels, options: Options) -> None:
    result = compare(pixels, pixels.copy(), options)

    assert (result.mse, result.psnr) == (0, None)
    assert result.ssim in {None, 1}
    assert not result.mask.any()
    assert result.alpha_diff_pixels == 0
    assert result.match


@given(pairs(), options_of_all_kinds, rectangles(), st.integers(0, 1000))
def test_ignored_pixels_never_matter(
    pixels: tuple[Pixels, Pixels], options: Options, region: Rectangle, seed: int
) -> None:
    options = replace(options, ignore_regions=(region,))
    disturbed = [picture.copy() for picture in pixels]
    rows = slice(max(0, region.y), max(0, region.y + region.height))
    columns = slice(max(0, region.x), max(0, region.x + region.width))
    for picture in disturbed:
        hidden = picture[rows, columns]
        hidden[:] = np.random.default_rng(seed).integers(0, 256, hidden.shape)
        seed += 1

    result = compare(*pixels, options)
    other = compare(disturbed[0], disturbed[1], options)

    assert (result.mask == other.mask).all()
    assert figures(result) == figures(other)


@given(pairs(), options_of_all_kinds)
def test_regions_hold_every_different_pixel_and_no_empty_border(
    pixels: tuple[Pixels, Pixels], options: Options
) -> None:
    result = compare(*pixels, options)

    rest = result.mask.copy()
    for region in result.regions:
        box = result.mask[region.y : region.y + region.height, region.x : region.x + region.width]
        assert box.shape == (region.height, region.width)
        assert box[[0, -1]].any(axis=1).all()
        assert box[:, [0, -1]].any(axis=0).all()
        rest[region.y : region.y + region.height, region.x : region.x + region.width] = False
    assert not rest.any()
    assert sum(region.diff_pixels for region in result.regions) == result.diff_pixels


@given(pairs(), options_of_all_kinds, st.floats(0, 1))
def test_a_higher_threshold_finds_no_more(
    pixels: tuple[Pixels, Pixels], options: Options, threshold: float
) -> None:
    lower, higher = sorted([options.threshold, threshold])

    strict = compare(*pixels, replace(options, threshold=lower))
    lenient = compare(*pixels, replace(options, threshold=higher))

    assert (lenient.mask <= strict.mask).all()


@given(pairs(), options_of_all_kinds)
def test_excusing_anti_aliasing_only_moves_pixels_from_one_count_to_the_other(
    pixels: tuple[Pixels, Pixels], options: Options
) -> None:
    strict = compare(*pixels, replace(options, ignore_antialiasing=False))
    lenient = compare(*pixels, replace(options, ignore_antialiasing=True))

    assert lenient.diff_pixels + lenient.antialiased_pixels == strict.diff_pixels
    assert (lenient.mask <= strict.mask).all()
