"""Which of the ways in which a file describes its colours counts."""

import pytest

from comparisons.engine.color import (
    Chromaticities,
    CodedColors,
    ColorSpace,
    IccProfile,
    choose_avif_color_space,
    choose_png_color_space,
    from_code_points,
    from_png_gamma,
)
from comparisons.engine.color.curves import ParametricCurve

from .profiles import DISPLAY_P3, build_matrix_profile, gamma_curve

# https://www.itu.int/rec/R-REC-BT.709
BT_709 = Chromaticities((0.64, 0.33), (0.3, 0.6), (0.15, 0.06), (0.3127, 0.3290))
P3 = Chromaticities((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), (0.3127, 0.3290))
PROFILE = build_matrix_profile(DISPLAY_P3, gamma_curve(2.25))
CICP, CODED = (12, 13, 0, 1), from_code_points(12, 13)
# In 1/100000: values stand for light as it is.
GAMMA = 100_000
LINEAR_LIGHT = CodedColors(BT_709, ParametricCurve(1))


# https://www.w3.org/TR/png-3/#color-chunk-precendence
@pytest.mark.parametrize(
    ("cicp", "icc", "has_srgb", "gamma", "chosen"),
    [
        pytest.param(None, None, False, None, None, id="nothing"),
        pytest.param(CICP, PROFILE, True, GAMMA, CODED, id="cICP before all"),
        pytest.param(None, PROFILE, True, GAMMA, IccProfile(PROFILE), id="iCCP before sRGB"),
        pytest.param(None, None, True, GAMMA, None, id="sRGB before gAMA"),
        pytest.param(None, None, False, GAMMA, LINEAR_LIGHT, id="gAMA alone"),
        pytest.param(
            (12, 13, 1, 1), PROFILE, False, None, IccProfile(PROFILE), id="cICP of another matrix"
        ),
        pytest.param(
            (12, 13, 0, 0), PROFILE, False, None, IccProfile(PROFILE), id="cICP of narrow range"
        ),
        pytest.param(
            (2, 2, 0, 1), PROFILE, False, None, IccProfile(PROFILE), id="cICP of nothing specified"
        ),
        pytest.param((12, 9, 0, 1), None, False, GAMMA, LINEAR_LIGHT, id="cICP unknown"),
        pytest.param(None, b"broken", False, GAMMA, LINEAR_LIGHT, id="iCCP broken"),
        pytest.param(None, b"broken", True, GAMMA, None, id="iCCP broken, but sRGB"),
    ],
)
def test_chunks_of_png_count_in_the_order_of_the_standard(
    cicp: tuple[int, int, int, int] | None,
    icc: bytes | None,
    has_srgb: bool,
    gamma: int | None,
    chosen: ColorSpace | None,
) -> None:
    space = choose_png_color_space(cicp, icc, has_srgb=has_srgb, gamma=gamma, chromaticities=None)

    assert space == chosen


@pytest.mark.parametrize("gamma", [45455, 43182, 47727, 0, -1])
def test_a_gamma_like_that_of_srgb_or_of_none_changes_nothing(gamma: int) -> None:
    assert from_png_gamma(gamma, None) is None


@pytest.mark.parametrize("gamma", [43181, 47728, 100_000, 1])
def test_another_gamma_changes_srgb_values(gamma: int) -> None:
    space = from_png_gamma(gamma, None)

    assert space == CodedColors(BT_709, ParametricCurve(100_000 / gamma))


def test_chromaticities_make_any_gamma_count() -> None:
    space = from_png_gamma(45455, P3)

    assert space == CodedColors(P3, ParametricCurve(100_000 / 45455))


def test_chromaticities_alone_change_nothing() -> None:
    space = choose_png_color_space(None, None, has_srgb=False, gamma=None, chromaticities=P3)

    assert space is None


@pytest.mark.parametrize(
    "chromaticities",
    [
        pytest.param(Chromaticities((0, 0), (0, 0), (0, 0), (0, 0)), id="zeros"),
        pytest.param(
            Chromaticities(P3.red, P3.green, P3.blue, (0.3, 0)), id="a white without light"
        ),
        pytest.param(Chromaticities(P3.red, P3.red, P3.blue, P3.white), id="two primaries alike"),
        pytest.param(Chromaticities((1.6, 0.3), P3.green, P3.blue, P3.white), id="beyond 1"),
    ],
)
def test_chromaticities_of_no_space_change_nothing(chromaticities: Chromaticities) -> None:
    assert from_png_gamma(GAMMA, chromaticities) is None


@pytest.mark.parametrize(
    ("nclx", "icc", "chosen"),
    [
        pytest.param(None, None, None, id="nothing"),
        pytest.param((12, 13), PROFILE, IccProfile(PROFILE), id="a profile before code points"),
        pytest.param((12, 13), b"broken", CODED, id="a broken profile"),
        pytest.param((12, 13), None, CODED, id="code points"),
        pytest.param((12, 2), None, CODED, id="an unspecified curve"),
        pytest.param((12, 1), None, CODED, id="the curve of video"),
        pytest.param((12, 99), None, CODED, id="an unknown curve"),
        pytest.param((2, 8), None, from_code_points(1, 8), id="unspecified primaries"),
        pytest.param((3, 8), None, from_code_points(1, 8), id="unknown primaries"),
        pytest.param((0, 8), None, None, id="forbidden primaries"),
        pytest.param((9, 0), None, None, id="a forbidden curve"),
    ],
)
def test_colors_of_avif_are_those_of_its_profile_or_its_code_points(
    nclx: tuple[int, int] | None, icc: bytes | None, chosen: ColorSpace | None
) -> None:
    assert choose_avif_color_space(nclx, icc) == chosen


def test_the_peak_of_the_light_goes_with_the_code_points() -> None:
    png = choose_png_color_space(
        (9, 16, 0, 1), None, has_srgb=False, gamma=None, chromaticities=None, peak_nits=4000
    )
    avif = choose_avif_color_space((9, 16), None, peak_nits=4000)

    assert isinstance(png, CodedColors)
    assert png.peak_nits == 4000
    assert avif == png
