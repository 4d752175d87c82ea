import dataclasses
from typing import Any

import numpy as np
import pytest
import skimage
from numpy.typing import NDArray

from comparisons.engine import (
    ENGINE,
    METHODS,
    ColorProfiles,
    EngineError,
    ImageEmpty,
    ImageNotRecognized,
    ImageUnsupported,
    Limits,
    MethodUnknown,
    Metric,
    Options,
    Region,
    SizePolicy,
    TooManyPixels,
    compare,
    decode_image,
)

from .pictures import BLACK, WHITE, Pixels, encode, noise, plain

SSIM = frozenset({Metric.SSIM})


def with_black(pixels: int) -> Pixels:
    """Blacken the first pixels of 10 x 10 white ones."""
    picture = plain(10, 10)
    picture.reshape(-1, 3)[:pixels] = BLACK
    return picture


class TestInputs:
    def test_bytes_pictures_and_arrays_of_the_same_pixels_are_equal(self) -> None:
        pixels = noise(30, 20, seed=1)
        content = encode(pixels, "PNG")

        results = [
            compare(content, other) for other in (content, decode_image(content, Limits()), pixels)
        ]

        assert [result.mse for result in results] == [0, 0, 0]
        assert all(result.match for result in results)

    def test_an_array_of_two_axes_is_gray(self) -> None:
        gray = noise(30, 20, seed=1)[..., 0]

        result = compare(gray, np.repeat(gray[..., np.newaxis], 3, axis=2))

        assert (result.canvas.rgb1 == gray[..., np.newaxis]).all()
        assert result.match

    def test_an_array_of_four_channels_has_alpha(self) -> None:
        result = compare(plain(4, 4, (0, 0, 0, 0)), plain(4, 4))

        assert result.match
        assert result.alpha_diff_pixels == 16

    @pytest.mark.parametrize(
        "array",
        [
            pytest.param(np.zeros((4, 4, 3)), id="floating point"),
            pytest.param(np.zeros((4, 4, 2), np.uint8), id="two channels"),
            pytest.param(np.zeros(4, np.uint8), id="one axis"),
        ],
    )
    def test_other_arrays_are_refused(self, array: NDArray[np.uint8]) -> None:
        with pytest.raises(ImageUnsupported):
            compare(array, plain(4, 4))

    def test_an_array_without_pixels_is_refused(self) -> None:
        with pytest.raises(ImageEmpty):
            compare(plain(4, 0), plain(4, 4))

    def test_an_array_over_the_limit_is_refused(self) -> None:
        with pytest.raises(TooManyPixels, match="4 x 5 pixels"):
            compare(plain(4, 4), plain(4, 5), limits=Limits(max_pixels=16))

    def test_what_is_no_image_is_refused(self) -> None:
        with pytest.raises(ImageNotRecognized):
            compare(plain(4, 4), b"no image")

    def test_the_inputs_are_left_as_they_were(self) -> None:
        pixels1, pixels2 = noise(30, 20, seed=1), noise(30, 20, seed=2)

        compare(pixels1, pixels2, Options(method="yiq", ignore_antialiasing=True))

        assert (pixels1 == noise(30, 20, seed=1)).all()
        assert (pixels2 == noise(30, 20, seed=2)).all()


class TestOptions:
    def test_an_unknown_method_is_refused_and_the_known_ones_named(self) -> None:
        with pytest.raises(MethodUnknown, match=r"'best'.*grayscale, ssim, yiq") as caught:
            compare(plain(4, 4), plain(4, 4), Options(method="best"))

        assert isinstance(caught.value, EngineError)

    @pytest.mark.parametrize("threshold", [-0.01, 1.01, float("nan")])
    def test_a_threshold_out_of_range_is_refused(self, threshold: float) -> None:
        with pytest.raises(ValueError, match="threshold"):
            Options(threshold=threshold)


class TestResult:
    def test_figures_agree_with_scikit_image(self) -> None:
        gray1, gray2 = noise(50, 40, seed=1)[..., 0], noise(50, 40, seed=2)[..., 0]

        result = compare(gray1, gray2, Options(metrics=SSIM))

        mse = skimage.metrics.mean_squared_error(gray1, gray2)  # type: ignore[no-untyped-call, unused-ignore]
        ssim = skimage.metrics.structural_similarity(gray1, gray2, data_range=255)  # type: ignore[no-untyped-call, unused-ignore]
        assert result.mse == pytest.approx(mse, rel=1e-9)
        assert result.psnr == pytest.approx(10 * np.log10(255**2 / mse), rel=1e-9)
        assert result.ssim == pytest.approx(ssim, abs=1e-6)

    def test_equal_pictures_match_with_an_infinite_psnr(self) -> None:
        result = compare(with_black(30), with_black(30), Options(metrics=SSIM))

        assert (result.mse, result.psnr, result.ssim) == (0, None, 1)
        assert (result.diff_pixels, result.diff_ratio, result.regions) == (0, 0, ())
        assert result.match

    def test_differences_are_counted_and_boxed(self) -> None:
        result = compare(plain(10, 10), with_black(25))

        assert (result.width, result.height, result.total_pixels) == (10, 10, 100)
        assert result.diff_pixels == 25
        assert result.diff_ratio == 0.25
        assert result.mse == 65025 / 4
        assert result.regions == (Region(x=0, y=0, width=10, height=3, diff_pixels=25),)
        assert result.regions_left_out == 0

    @pytest.mark.parametrize(
        "options",
        [Options(metrics=SSIM), Options(method="ssim"), Options(min_ssim=0.5)],
        ids=["asked for", "method", "limit"],
    )
    def test_ssim_is_computed_where_something_needs_it(self, options: Options) -> None:
        result = compare(plain(10, 10), plain(10, 10), options)

        assert result.ssim == 1

    def test_ssim_is_none_where_nothing_needs_it(self) -> None:
        result = compare(plain(10, 10), plain(10, 10))

        assert result.ssim is None

    def test_nothing_can_be_set_afterwards(self) -> None:
        result = compare(plain(4, 4), plain(4, 4))

        with pytest.raises(dataclasses.FrozenInstanceError):
            result.match = False  # type: ignore[misc]

    def test_the_planes_that_figures_were_made_from_are_let_go(self) -> None:
        result = compare(noise(30, 20, seed=1), noise(30, 20, seed=2), Options(method="ssim"))

        kept = set(vars(result.canvas)) & {"gray_distance", "dissimilarity"}
        assert kept == set()

    def test_the_engine_says_what_it_is(self) -> None:
        assert ENGINE.startswith("1.2 (opencv 5.")


class TestVerdict:
    @pytest.mark.parametrize(
        ("options", "match"),
        [
            pytest.param(Options(), False, id="no limit: a pixel differs"),
            pytest.param(Options(max_diff_pixels=10), True, id="as many pixels as allowed"),
            pytest.param(Options(max_diff_pixels=9), False, id="one pixel too many"),
            pytest.param(Options(max_diff_pixels=0), False, id="no pixel allowed"),
            pytest.param(Options(max_diff_ratio=0.1), True, id="the ratio that is allowed"),
            pytest.param(Options(max_diff_ratio=0.0999), False, id="a larger ratio"),
            pytest.param(Options(max_mse=6502.5), True, id="the mse that is allowed"),
            pytest.param(Options(max_mse=6502), False, id="a larger mse"),
            pytest.param(Options(min_ssim=-1), True, id="any ssim"),
            pytest.param(Options(min_ssim=0.999), False, id="a smaller ssim"),
            pytest.param(
                Options(max_diff_pixels=10, max_mse=1), False, id="one limit of two is broken"
            ),
            pytest.param(
                Options(max_diff_pixels=10, max_mse=7000, max_diff_ratio=1), True, id="all hold"
            ),
        ],
    )
    def test_every_limit_given_must_hold(self, options: Options, *, match: bool) -> None:
        result = compare(plain(10, 10), with_black(10), options)

        assert result.match is match

    def test_a_limit_lets_pixels_differ(self) -> None:
        result = compare(plain(10, 10), plain(10, 10, BLACK), Options(max_mse=65025))

        assert result.diff_pixels == 100
        assert result.match

    def test_excused_pixels_do_not_prevent_a_match(self) -> None:
        pixels1 = np.repeat(np.repeat([[0, 128, 255]], 5, axis=0)[..., np.newaxis], 3, axis=2)
        pixels1 = np.repeat(pixels1, [2, 1, 2], axis=1).astype(np.uint8)
        pixels2 = pixels1.copy()
        pixels2[2, 2] = 60

        strict = compare(pixels1, pixels2)
        lenient = compare(pixels1, pixels2, Options(ignore_antialiasing=True))

        assert not strict.match
        assert lenient.antialiased_pixels == 1
        assert lenient.match


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("size", [(1, 1), (1, 9), (9, 1), (2, 2), (6, 7)], ids=str)
def test_the_smallest_pictures_are_compared(method: str, size: tuple[int, int]) -> None:
    options = Options(method=method, ignore_antialiasing=True, metrics=SSIM, min_ssim=0.9)

    same = compare(plain(*size), plain(*size), options)
    other = compare(plain(*size, BLACK), plain(*size, WHITE), options)

    assert same.match
    assert other.diff_pixels == size[0] * size[1]
    assert not other.match


@pytest.mark.parametrize(
    ("name", "option"),
    [
        pytest.param({"size_policy": "pad"}, {"size_policy": SizePolicy.PAD}, id="size policy"),
        pytest.param(
            {"color_profiles": "ignore"},
            {"color_profiles": ColorProfiles.IGNORE},
            id="colour profiles",
        ),
        pytest.param({"metrics": ["ssim"]}, {"metrics": SSIM}, id="metrics"),
    ],
)
def test_options_take_names_for_what_they_stand_for(
    name: dict[str, Any], option: dict[str, Any]
) -> None:
    [field] = name
    value = getattr(Options(**name), field)

    assert repr(value) == repr(option[field])


@pytest.mark.parametrize(
    "option", [{"size_policy": "banana"}, {"color_profiles": "banana"}, {"metrics": ["banana"]}]
)
def test_options_refuse_names_that_stand_for_nothing(option: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="banana"):
        Options(**option)
