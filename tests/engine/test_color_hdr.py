"""Pictures that are brighter than white: PQ and HLG, BT.2100."""

import numpy as np
import pytest

from comparisons.engine.color import (
    CodedColors,
    ColorModel,
    ColorSpace,
    IccProfile,
    Raster,
    convert_to_srgb,
    from_code_points,
    is_high_dynamic_range,
)

from .color_definitions import encode_srgb
from .profiles import DISPLAY_P3, build_matrix_profile, build_profile, code_points, gamma_curve

PQ, HLG = 16, 18


def show_gray(signal: float, transfer: int, peak_nits: float | None = None) -> int:
    """Show a gray of BT.2020 whose signal is 0 to 1."""
    pixels = np.full((1, 1, 3), round(signal * 65535), np.uint16)
    space = from_code_points(9, transfer, peak_nits)
    shown = convert_to_srgb(Raster(pixels, ColorModel.RGB), space)
    assert np.ptp(shown.astype(int)) <= 1
    return int(shown[0, 0, 0])


# Signals as in https://www.itu.int/pub/R-REP-BT.2408, table 1, and https://www.itu.int/rec/R-REC-BT.2100:
# diffuse white of 203 cd/m² is 58 % of PQ and 75 % of HLG, 1000 cd/m² are 75.2 % and 100 %.
@pytest.mark.parametrize(
    ("transfer", "signal", "light"),
    [
        pytest.param(PQ, 0, 0, id="PQ, black"),
        pytest.param(PQ, 0.5806, 0.5, id="PQ, white is half as bright"),
        pytest.param(PQ, 0.5081, 0.5 * 100 / 203, id="PQ, 100 cd/m²"),
        pytest.param(PQ, 0.7518, 1, id="PQ, the peak of 1000 cd/m²"),
        pytest.param(PQ, 1, 1, id="PQ, all beyond"),
        pytest.param(HLG, 0, 0, id="HLG, black"),
        pytest.param(HLG, 0.75, 0.5, id="HLG, white is half as bright"),
        pytest.param(HLG, 1, 1, id="HLG, the peak"),
    ],
)
def test_white_makes_room_for_what_is_brighter(transfer: int, signal: float, light: float) -> None:
    assert abs(show_gray(signal, transfer) - encode_srgb(np.array(light))) <= 1


@pytest.mark.parametrize("transfer", [PQ, HLG])
def test_brighter_signals_are_shown_brighter(transfer: int) -> None:
    shown = [show_gray(signal, transfer) for signal in np.linspace(0.15, 0.75, 40)]

    assert shown == sorted(shown)
    assert len(set(shown)) == 40


@pytest.mark.parametrize("peak_nits", [1, 100, 203])
def test_a_picture_that_is_not_brighter_than_white_is_not_darkened(peak_nits: float) -> None:
    # 100 cd/m² are 50.81 % of PQ.
    assert abs(show_gray(0.5081, PQ, peak_nits) - encode_srgb(np.array(100 / 203))) <= 1
    assert show_gray(0.6, PQ, peak_nits) == 255


def test_a_higher_peak_takes_brightness_from_what_is_below() -> None:
    # 1000 cd/m²
    shown = [show_gray(0.7518, PQ, peak_nits) for peak_nits in (1000, 2000, 4000, 10_000)]

    assert shown[0] == 255
    assert shown == sorted(set(shown), reverse=True)


@pytest.mark.parametrize("peak_nits", [204, 1e9])
def test_any_peak_gives_colors(peak_nits: float) -> None:
    assert show_gray(0, PQ, peak_nits) == 0
    assert 0 < show_gray(0.58, PQ, peak_nits) < 255


def test_a_color_keeps_its_hue() -> None:
    # Red of BT.709 at 1000 cd/m², in its own primaries.
    pixels = np.array([[[round(0.7518 * 65535), 0, 0]]], np.uint16)

    shown = convert_to_srgb(Raster(pixels, ColorModel.RGB), from_code_points(1, PQ))

    assert shown[0, 0, 1:].tolist() == [0, 0]
    assert shown[0, 0, 0] > 200


@pytest.mark.parametrize(
    ("space", "is_high"),
    [
        pytest.param(None, False, id="nothing said"),
        pytest.param(from_code_points(9, 1), False, id="BT.2020"),
        pytest.param(from_code_points(9, PQ), True, id="PQ"),
        pytest.param(from_code_points(9, HLG), True, id="HLG"),
        pytest.param(
            IccProfile(build_matrix_profile(DISPLAY_P3, gamma_curve(2))), False, id="a profile"
        ),
        pytest.param(
            IccProfile(
                build_matrix_profile(
                    DISPLAY_P3, gamma_curve(2), extra={b"cicp": code_points(9, PQ)}
                )
            ),
            True,
            id="PQ in a profile",
        ),
        pytest.param(IccProfile(b"broken"), False, id="a broken profile"),
    ],
)
def test_high_dynamic_range_is_recognized(space: ColorSpace | None, is_high: bool) -> None:
    assert is_high_dynamic_range(space, ColorModel.RGB) is is_high


@pytest.mark.parametrize(
    ("profile", "model", "is_mapped"),
    [
        pytest.param(
            build_matrix_profile(DISPLAY_P3, gamma_curve(2), extra={b"cicp": code_points(9, PQ)}),
            ColorModel.CMYK,
            False,
            id="a profile for RGB, and inks",
        ),
        pytest.param(
            build_profile({b"kTRC": gamma_curve(2), b"cicp": code_points(9, PQ)}, space=b"GRAY"),
            ColorModel.GRAY,
            True,
            id="a profile for gray, and gray",
        ),
    ],
)
def test_tones_are_said_to_be_mapped_where_they_are(
    profile: bytes, model: ColorModel, *, is_mapped: bool
) -> None:
    channels = 4 if model is ColorModel.CMYK else 3
    pixels = np.full((1, 1, channels), 220, np.uint8)

    converted = convert_to_srgb(Raster(pixels, model), IccProfile(profile))

    plain = convert_to_srgb(Raster(pixels, model), None)
    assert is_high_dynamic_range(IccProfile(profile), model) is is_mapped
    assert bool((converted != plain).any()) is is_mapped


def test_code_points_in_a_profile_are_mapped_as_those_of_a_file() -> None:
    pixels = np.arange(0, 65535, 257).astype(np.uint16).reshape(-1, 1, 3)
    profile = build_matrix_profile(DISPLAY_P3, gamma_curve(2), extra={b"cicp": code_points(9, PQ)})
    raster = Raster(pixels, ColorModel.RGB)
    coded = from_code_points(9, PQ)

    assert isinstance(coded, CodedColors)
    assert (convert_to_srgb(raster, IccProfile(profile)) == convert_to_srgb(raster, coded)).all()
