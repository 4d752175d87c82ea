"""Colours of curves and a matrix: of profiles, of code points, of PNG's gamma."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import ImageCms

from comparisons.engine import Limits, compare, decode_image
from comparisons.engine.color import (
    Chromaticities,
    ColorModel,
    ColorSpace,
    IccProfile,
    Raster,
    Samples,
    convert_to_srgb,
    from_code_points,
    from_png_gamma,
)

from .color_definitions import encode_srgb, show_light
from .pictures import Pixels, encode, gradient, noise, plain
from .profiles import (
    ADOBE_RGB,
    DISPLAY_P3,
    PROPHOTO,
    SRGB,
    Floats,
    build_gray_profile,
    build_matrix_profile,
    build_profile,
    code_points,
    gamma_curve,
    identity_curve,
    lut16_table,
    parametric_curve,
    sampled_curve,
)

Curve = Callable[[Floats], Floats]

# Dull colours: most spaces have them.
DULL = gradient(40, 30) // 2 + 60
P3_PROFILE = build_matrix_profile(DISPLAY_P3, gamma_curve(2.25))


def convert(
    pixels: Samples, space: ColorSpace | bytes | None, model: ColorModel = ColorModel.RGB
) -> Pixels:
    color_space = IccProfile(space) if isinstance(space, bytes) else space
    return convert_to_srgb(Raster(pixels, model), color_space)


def deepen(pixels: Pixels) -> Samples:
    return np.asarray(pixels.astype(np.uint16) * 257)


@pytest.mark.parametrize("is_deep", [False, True], ids=["8 bits", "16 bits"])
@pytest.mark.parametrize(
    ("matrix", "curve", "linearize"),
    [
        pytest.param(DISPLAY_P3, gamma_curve(2.25), lambda x: x**2.25, id="Display P3"),
        pytest.param(ADOBE_RGB, gamma_curve(563 / 256), lambda x: x ** (563 / 256), id="Adobe RGB"),
        pytest.param(PROPHOTO, gamma_curve(1.75), lambda x: x**1.75, id="ProPhoto RGB"),
        pytest.param(SRGB, identity_curve(), lambda x: x, id="linear"),
        pytest.param(SRGB, parametric_curve(0, 1.5), lambda x: x**1.5, id="parametric 0"),
        pytest.param(
            SRGB,
            parametric_curve(1, 2, 1.25, -0.25),
            lambda x: np.maximum(1.25 * x - 0.25, 0) ** 2,
            id="parametric 1",
        ),
        pytest.param(
            SRGB,
            parametric_curve(2, 2, 0.9, -0.1, 0.15),
            lambda x: np.maximum(0.9 * x - 0.1, 0) ** 2 + 0.15,
            id="parametric 2",
        ),
        pytest.param(
            SRGB,
            parametric_curve(3, 2, 0.9, 0.1, 0.4, 0.5),
            lambda x: np.where(x < 0.5, 0.4 * x, (0.9 * x + 0.1) ** 2),
            id="parametric 3",
        ),
        pytest.param(
            SRGB,
            parametric_curve(4, 2, 0.9, 0.05, 0.3, 0.5, 0.05, 0.02),
            lambda x: np.where(x < 0.5, 0.3 * x + 0.02, (0.9 * x + 0.05) ** 2 + 0.05),
            id="parametric 4",
        ),
        pytest.param(
            SRGB,
            sampled_curve([0, 0.1, 1]),
            lambda x: np.interp(x, [0, 0.5, 1], [0, 0.1, 1]),
            id="sampled",
        ),
    ],
)
def test_a_profile_of_curves_and_a_matrix_is_applied(
    matrix: Floats, curve: bytes, linearize: Curve, is_deep: bool
) -> None:
    rgb = convert(deepen(DULL) if is_deep else DULL, build_matrix_profile(matrix, curve))

    assert np.abs(rgb - show_light(linearize(DULL / 255), matrix)).max() <= 1
    assert (rgb != DULL).any()


def test_each_channel_has_a_curve_of_its_own() -> None:
    curves = gamma_curve(1), gamma_curve(1.5), gamma_curve(2.5)

    rgb = convert(DULL, build_matrix_profile(SRGB, *curves))

    assert np.abs(rgb - encode_srgb((DULL / 255) ** (1, 1.5, 2.5))).max() <= 1


# https://www.w3.org/TR/css-color-4/: what sRGB's red, green and blue are in Display P3.
@pytest.mark.parametrize(
    ("display_p3", "rgb"),
    [
        ((0.917488, 0.200287, 0.138561), (255, 0, 0)),
        ((0.458402, 0.985265, 0.298295), (0, 255, 0)),
        ((0.0, 0.0, 0.959588), (0, 0, 255)),
    ],
    ids=["red", "green", "blue"],
)
def test_srgb_primaries_of_display_p3_by_css(
    display_p3: tuple[float, ...], rgb: tuple[int, ...]
) -> None:
    pixels = np.rint(np.array([[display_p3]]) * 65535).astype(np.uint16)

    converted = convert(pixels, from_code_points(primaries=12, transfer=13))

    assert np.abs(converted[0, 0].astype(int) - rgb).max() <= 1


def test_bt_2020_is_converted_as_bt_2087_says() -> None:
    # https://www.itu.int/rec/R-REC-BT.2087, linear light of BT.2020 to that of BT.709
    bt_2087 = np.array(
        [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]]
    )
    pixels = deepen(noise(40, 30, seed=1))

    rgb = convert(pixels, from_code_points(primaries=9, transfer=8))

    # The figures of BT.2087 are rounded, which is seen in the dark.
    assert np.abs(rgb - encode_srgb(pixels / 65535 @ bt_2087.T)).max() <= 1.5


# https://www.itu.int/rec/T-REC-H.273, table 3; of video, the display's curve: BT.1886.
@pytest.mark.parametrize(
    ("transfer", "linearize"),
    [
        pytest.param(1, lambda x: x**2.4, id="BT.709"),
        pytest.param(4, lambda x: x**2.2, id="BT.470 M"),
        pytest.param(5, lambda x: x**2.8, id="BT.470 BG"),
        pytest.param(
            7,
            lambda x: np.where(x < 0.0913, x / 4, ((x + 0.1115) / 1.1115) ** (1 / 0.45)),
            id="SMPTE 240M",
        ),
        pytest.param(8, lambda x: x, id="linear"),
        pytest.param(14, lambda x: x**2.4, id="BT.2020"),
        pytest.param(17, lambda x: x**2.6 * 52.37 / 48, id="SMPTE ST 428-1"),
    ],
)
def test_a_coded_curve_is_applied(transfer: int, linearize: Curve) -> None:
    rgb = convert(DULL, from_code_points(primaries=1, transfer=transfer))

    assert np.abs(rgb - encode_srgb(linearize(DULL / 255))).max() <= 1


def test_png_gamma_is_the_inverse_of_the_exponent() -> None:
    rgb = convert(DULL, from_png_gamma(100_000 // 2, None))

    assert np.abs(rgb - encode_srgb((DULL / 255) ** 2)).max() <= 1


def test_png_chromaticities_are_those_of_the_primaries() -> None:
    # BT.2020, as code points have them too.
    wide = Chromaticities((0.708, 0.292), (0.170, 0.797), (0.131, 0.046), (0.3127, 0.3290))

    by_chunks = convert(DULL, from_png_gamma(100_000, wide))

    assert (by_chunks == convert(DULL, from_code_points(primaries=9, transfer=8))).all()


def test_16_bits_of_linear_light_keep_dark_shades_apart() -> None:
    # By 8 bits, there would be 3 of them.
    ramp = np.repeat(np.arange(0, 768, dtype=np.uint16).reshape(1, -1, 1), 3, axis=2)

    rgb = convert(ramp, from_code_points(primaries=1, transfer=8))

    expected = encode_srgb(ramp / 65535)
    assert np.abs(rgb - expected).max() <= 0.55
    assert len(np.unique(rgb)) == len(np.unique(np.rint(expected))) == 29


def test_a_png_of_16_bits_is_cut_to_8_before_as_browsers_do() -> None:
    ramp = np.repeat(np.arange(0, 768, dtype=np.uint16).reshape(1, -1, 1), 3, axis=2)
    linear = from_code_points(primaries=1, transfer=8)

    rgb = convert_to_srgb(Raster(ramp, ColorModel.RGB), linear, cuts_depth=True)

    assert (rgb == convert((ramp >> 8).astype(np.uint8), linear)).all()


@pytest.mark.parametrize(
    "space",
    [
        pytest.param(None, id="no space"),
        pytest.param(
            ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(), id="a profile"
        ),
        pytest.param(from_code_points(primaries=1, transfer=13), id="code points"),
    ],
)
def test_srgb_changes_nothing(space: ColorSpace | bytes | None) -> None:
    pixels = noise(40, 30, seed=2)

    assert convert(pixels, space) is pixels


def test_16_bits_without_a_space_are_rounded() -> None:
    values = np.array([0, 128, 129, 256, 385, 386, 65406, 65407, 65535], np.uint16)
    pixels = np.repeat(values.reshape(1, -1, 1), 4, axis=2)

    rgba = convert(pixels, None)

    # value / 257, to the nearest
    assert rgba[0, :, 0].tolist() == [0, 0, 1, 1, 1, 2, 254, 255, 255]
    assert (rgba[..., 3] == rgba[..., 0]).all()


@pytest.mark.parametrize("is_deep", [False, True], ids=["8 bits", "16 bits"])
@pytest.mark.parametrize(
    ("space", "model"),
    [
        pytest.param(P3_PROFILE, ColorModel.RGB, id="matrix"),
        pytest.param(build_gray_profile(gamma_curve(1)), ColorModel.GRAY, id="gray"),
        pytest.param(from_code_points(9, 16), ColorModel.RGB, id="PQ"),
    ],
)
def test_opacity_is_kept(space: ColorSpace | bytes, model: ColorModel, is_deep: bool) -> None:
    pixels = np.repeat(np.arange(256, dtype=np.uint8).reshape(16, 16, 1), 4, axis=2)

    rgba = convert(deepen(pixels) if is_deep else pixels, space, model)

    assert (rgba[..., 3] == pixels[..., 3]).all()
    assert (rgba[..., :3] == convert(pixels[..., :3].copy(), space, model)).all()


def test_what_is_converted_stays_as_it_was() -> None:
    pixels = noise(40, 30, seed=3)
    pixels.flags.writeable = False

    assert convert(pixels, P3_PROFILE) is not pixels


@pytest.mark.parametrize("is_deep", [False, True], ids=["8 bits", "16 bits"])
def test_gray_is_as_accurate_in_dark_tones(is_deep: bool) -> None:
    gray = np.repeat(np.arange(256, dtype=np.uint8).reshape(1, -1, 1), 3, axis=2)
    profile = build_gray_profile(gamma_curve(1))

    rgb = convert(deepen(gray) if is_deep else gray, profile, ColorModel.GRAY)

    assert np.abs(rgb - encode_srgb(gray / 255)).max() <= 0.55


def test_a_profile_for_rgb_applies_to_gray() -> None:
    gray = np.repeat(np.arange(256, dtype=np.uint8).reshape(1, -1, 1), 3, axis=2)

    rgb = convert(gray, build_matrix_profile(DISPLAY_P3, gamma_curve(1)), ColorModel.GRAY)

    assert np.abs(rgb - encode_srgb(gray / 255)).max() <= 1


@pytest.mark.parametrize(
    ("profile", "equal"),
    [
        pytest.param(code_points(9, 8), from_code_points(9, 8), id="said in full"),
        pytest.param(code_points(9, 1), from_code_points(9, 13), id="of video"),
        pytest.param(code_points(9, 8, matrix=1), P3_PROFILE, id="of luma and chroma"),
        pytest.param(code_points(9, 8, full_range=0), P3_PROFILE, id="of a narrow range"),
        pytest.param(code_points(3, 8), P3_PROFILE, id="reserved"),
    ],
)
def test_code_points_in_a_profile_count_before_its_curves(
    profile: bytes, equal: ColorSpace | bytes
) -> None:
    tagged = build_matrix_profile(DISPLAY_P3, gamma_curve(2.25), extra={b"cicp": profile})

    assert (convert(DULL, tagged) == convert(DULL, equal)).all()


@pytest.mark.parametrize(
    "profile",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"no profile", id="no profile"),
        pytest.param(P3_PROFILE[:200], id="truncated"),
        pytest.param(b"\0\1" + P3_PROFILE[2:], id="shorter than it says"),
        pytest.param(P3_PROFILE.replace(b"acsp", b"none"), id="without its signature"),
        pytest.param(
            build_matrix_profile(DISPLAY_P3, gamma_curve(2.25), version=5), id="of a later version"
        ),
        pytest.param(
            build_matrix_profile(DISPLAY_P3, gamma_curve(2.25), space=b"\xff\xff\xff\xff"),
            id="for a colour space without a name",
        ),
        pytest.param(
            build_matrix_profile(DISPLAY_P3, gamma_curve(2.25), connection=b"RGB "),
            id="to another device",
        ),
        pytest.param(build_profile({}), id="without tags"),
        pytest.param(build_profile({b"rTRC": gamma_curve(1)}), id="of one curve"),
        pytest.param(build_gray_profile(gamma_curve(1)), id="for gray"),
        pytest.param(
            build_matrix_profile(DISPLAY_P3, gamma_curve(1), space=b"CMYK"), id="for inks"
        ),
        pytest.param(build_matrix_profile(SRGB, b"curv"), id="of an empty curve"),
        pytest.param(build_matrix_profile(SRGB, b"text" + bytes(20)), id="of a text for a curve"),
        pytest.param(
            build_matrix_profile(SRGB, b"curv" + bytes(4) + b"\xff" * 8), id="of an endless curve"
        ),
        pytest.param(build_matrix_profile(SRGB, parametric_curve(5, 2)), id="of an unknown curve"),
        pytest.param(
            build_matrix_profile(SRGB, parametric_curve(0, -1)), id="of a curve downwards"
        ),
        pytest.param(
            build_matrix_profile(SRGB, parametric_curve(1, 2, 0, 1)),
            id="of a curve without a slope",
        ),
        pytest.param(
            build_matrix_profile(SRGB, gamma_curve(1), extra={b"cicp": b"cicp"}),
            id="of half a code point",
        ),
        pytest.param(
            build_matrix_profile(
                SRGB, gamma_curve(1), extra={b"A2B0": lut16_table(3, 2, lambda _: (0, 0, 0))[:60]}
            ),
            id="of half a table",
        ),
        pytest.param(
            build_matrix_profile(SRGB, gamma_curve(1), extra={b"A2B0": b"mpet" + bytes(100)}),
            id="of a program for a table",
        ),
        pytest.param(P3_PROFILE + bytes(4_000_000), id="too large"),
        pytest.param(
            build_profile({b"%04d" % number: bytes(4) for number in range(200)}), id="of 200 tags"
        ),
    ],
)
def test_a_profile_that_makes_no_sense_for_the_picture_is_ignored(profile: bytes) -> None:
    assert convert(DULL, profile) is DULL


def test_a_program_beside_the_matrix_is_not_run() -> None:
    program = {b"D2B0": b"mpet" + bytes(100)}
    profile = build_matrix_profile(DISPLAY_P3, gamma_curve(2.25), extra=program)

    assert (convert(DULL, profile) == convert(DULL, P3_PROFILE)).all()


@pytest.mark.parametrize(
    ("matrix", "curve", "shown"),
    [
        pytest.param(SRGB * 40_000, gamma_curve(1), 255, id="too bright"),
        pytest.param(SRGB * -40_000, gamma_curve(1), 0, id="negative"),
        pytest.param(SRGB * 0, gamma_curve(1), 0, id="black"),
        pytest.param(SRGB, parametric_curve(1, 30000, 30000, 0), 255, id="an endless curve"),
        pytest.param(SRGB, sampled_curve([1, 0]), 0, id="a curve downwards"),
    ],
)
def test_white_of_any_curve_and_matrix_is_a_color(matrix: Floats, curve: bytes, shown: int) -> None:
    assert (convert(plain(4, 4), build_matrix_profile(matrix, curve)) == shown).all()


@pytest.mark.parametrize("file_format", ["PNG", "TIFF", "JPEG", "WEBP"])
def test_profiles_of_files_are_applied(file_format: str) -> None:
    pixels = plain(16, 16, (200, 80, 60))
    settings: dict[str, dict[str, Any]] = {
        "WEBP": {"lossless": True},
        "JPEG": {"quality": 100, "subsampling": 0},
    }

    rgb = decode_image(
        encode(pixels, file_format, icc_profile=P3_PROFILE, **settings.get(file_format, {})),
        Limits(),
    ).rgb

    expected = show_light((pixels / 255) ** 2.25, DISPLAY_P3)
    assert np.abs(rgb - expected).max() <= 4 if file_format == "JPEG" else 1


def test_colours_of_the_same_numbers_in_two_spaces_differ() -> None:
    pixels = plain(20, 20, (200, 80, 60))

    result = compare(encode(pixels, "PNG"), encode(pixels, "PNG", icc_profile=P3_PROFILE))

    assert result.mse > 0
