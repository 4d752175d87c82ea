"""Colours of a profile's table, and inks."""

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageCms

from comparisons.engine.color import ColorModel, IccProfile, Raster, Samples, convert_to_srgb

from .color_definitions import decode_srgb, find_lab, show_light, show_lightness
from .pictures import Pixels, gradient, noise
from .profiles import (
    DISPLAY_P3,
    SRGB,
    Floats,
    ToLab,
    build_matrix_profile,
    build_profile,
    build_table_profile,
    gamma_curve,
    identity_curve,
    lut8_table,
    lut16_table,
    lut_a_to_b_table,
    lut_header,
    matrix_table,
    parametric_curve,
)

MakeTable = Callable[[int, int, ToLab], bytes]

TABLES = [
    pytest.param(lut8_table, id="lut8Type"),
    pytest.param(lut16_table, id="lut16Type"),
    pytest.param(lut_a_to_b_table, id="lutAToBType"),
]
FOUR_INKS = {"space": b"CMYK"}


def convert(pixels: Samples, profile: bytes, model: ColorModel = ColorModel.RGB) -> Pixels:
    return convert_to_srgb(Raster(pixels, model), IccProfile(profile))


def mix_paint(values: Floats) -> tuple[float, float, float]:
    """The lightness of a paint of three channels that darken differently."""
    return 100 - float(values @ (50, 30, 10)), 0, 0


def mix_inks(values: Floats) -> tuple[float, float, float]:
    return 100 - float(values @ (20, 15, 10, 50)), 0, 0


def print_inks(values: Floats) -> tuple[float, float, float]:
    """Ideal inks on paper, whose black is not quite black."""
    return find_lab(SRGB @ decode_srgb((1 - values[:3]) * (1 - 0.9 * values[3])))


def convert_by_little_cms(pixels: Pixels, profile: bytes, mode: str) -> Pixels:
    """Convert without the short cuts that make Little CMS fast and less exact."""
    transform = ImageCms.buildTransform(
        ImageCms.ImageCmsProfile(io.BytesIO(profile)),
        ImageCms.createProfile("sRGB"),
        mode,
        "RGB",
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
        ImageCms.Flags.NOOPTIMIZE,
    )
    return np.asarray(ImageCms.applyTransform(Image.fromarray(pixels, mode), transform))


# What is straight, a table of two points a channel has exactly.
@pytest.mark.parametrize("is_deep", [False, True], ids=["8 bits", "16 bits"])
@pytest.mark.parametrize("points", [2, 5])
@pytest.mark.parametrize("make_table", TABLES)
def test_three_channels_are_looked_up(make_table: MakeTable, points: int, is_deep: bool) -> None:
    pixels = noise(40, 30, seed=1)
    profile = build_table_profile(make_table(3, points, mix_paint))

    rgb = convert(pixels.astype(np.uint16) * 257 if is_deep else pixels, profile)

    expected = show_lightness(100 - pixels / 255 @ (50, 30, 10))[..., np.newaxis]
    # As browsers read lut16Type, its grays have a tint.
    assert np.abs(rgb - expected).max() <= (3 if make_table is lut16_table else 1.2)


@pytest.mark.parametrize("is_deep", [False, True], ids=["8 bits", "16 bits"])
@pytest.mark.parametrize("points", [2, 4])
@pytest.mark.parametrize("make_table", TABLES)
def test_four_inks_are_looked_up(make_table: MakeTable, points: int, is_deep: bool) -> None:
    inks = noise(40, 30, seed=2, channels=4)
    profile = build_table_profile(make_table(4, points, mix_inks), b"CMYK")

    rgb = convert(inks.astype(np.uint16) * 257 if is_deep else inks, profile, ColorModel.CMYK)

    expected = show_lightness(100 - inks / 255 @ (20, 15, 10, 50))[..., np.newaxis]
    assert np.abs(rgb - expected).max() <= 1.2


@pytest.mark.parametrize("make_table", TABLES)
def test_gray_is_looked_up(make_table: MakeTable) -> None:
    gray = np.repeat(np.arange(256, dtype=np.uint8).reshape(1, -1, 1), 3, axis=2)
    profile = build_table_profile(make_table(1, 9, lambda x: (90 * x[0], 0, 0)), b"GRAY")

    rgb = convert(gray, profile, ColorModel.GRAY)

    expected = show_lightness(gray / 255 * 90)
    assert np.abs(rgb - expected).max() <= (3 if make_table is lut16_table else 1.2)


@pytest.mark.parametrize("make_table", TABLES)
def test_inks_are_those_that_little_cms_finds(make_table: MakeTable) -> None:
    inks = noise(40, 30, seed=3, channels=4)
    profile = build_table_profile(make_table(4, 9, print_inks), b"CMYK")

    rgb = convert(inks, profile, ColorModel.CMYK)

    # It interpolates between the nearest points only, and not all around.
    assert np.abs(rgb - convert_by_little_cms(inks, profile, "CMYK").astype(int)).max() <= 5


@pytest.mark.parametrize("profile", [None, build_matrix_profile(SRGB, gamma_curve(1))])
def test_inks_without_a_table_hold_back_light(profile: bytes | None) -> None:
    inks = noise(40, 30, seed=4, channels=4)

    rgb = convert_to_srgb(Raster(inks, ColorModel.CMYK), IccProfile(profile) if profile else None)

    light = 255 - inks.astype(float)
    assert np.abs(rgb - light[..., :3] * light[..., 3:] / 255).max() <= 0.51


def test_a_table_without_a_grid_is_a_matrix() -> None:
    pixels = gradient(40, 30) // 2 + 60
    # XYZ has 0x8000 for 1.
    table = matrix_table(DISPLAY_P3 * 0x8000 / 0xFFFF, parametric_curve(0, 2.25), identity_curve())

    rgb = convert(pixels, build_profile({b"A2B0": table}))

    assert np.abs(rgb - show_light((pixels / 255) ** 2.25, DISPLAY_P3)).max() <= 1


def test_a_table_counts_before_curves_and_a_matrix() -> None:
    pixels = noise(40, 30, seed=5)
    table = matrix_table(SRGB * 0x8000 / 0xFFFF, parametric_curve(0, 1.5), identity_curve())
    both = build_matrix_profile(DISPLAY_P3, gamma_curve(1), extra={b"A2B0": table})

    assert (convert(pixels, both) == convert(pixels, build_profile({b"A2B0": table}))).all()


@pytest.mark.parametrize(
    ("names", "looked_up"),
    [
        ([b"A2B1", b"A2B0"], b"A2B0"),
        ([b"A2B2", b"A2B1"], b"A2B1"),
    ],
    ids=["perceptual", "relative colorimetric"],
)
def test_of_several_tables_one_counts(names: list[bytes], looked_up: bytes) -> None:
    pixels = noise(40, 30, seed=6)
    tables = {
        name: lut_a_to_b_table(3, 2, paint)
        for name, paint in zip(names, (mix_paint, lambda _: (50, 0, 0)), strict=True)
    }

    rgb = convert(pixels, build_profile(tables, connection=b"Lab "))

    assert (rgb == convert(pixels, build_table_profile(tables[looked_up]))).all()


def test_opacity_is_kept() -> None:
    pixels = noise(40, 30, seed=7, channels=4)
    profile = build_table_profile(lut_a_to_b_table(3, 2, mix_paint))

    rgba = convert(pixels, profile)

    assert (rgba[..., 3] == pixels[..., 3]).all()
    assert (rgba[..., :3] == convert(np.ascontiguousarray(pixels[..., :3]), profile)).all()


@pytest.mark.parametrize(
    "table",
    [
        pytest.param(lut16_table(4, 2, mix_inks), id="for four channels"),
        pytest.param(lut16_table(3, 2, mix_paint)[:-10], id="without its end"),
        pytest.param(lut16_table(3, 2, mix_paint)[:10], id="without its middle"),
        pytest.param(lut_header(b"mft1", 3, 255) + bytes(2000), id="of 16 million points"),
        pytest.param(lut_header(b"mft1", 3, 1) + bytes(2000), id="of one point"),
        pytest.param(lut_header(b"mft2", 3, 2) + b"\xff" * 2000, id="of endless curves"),
        pytest.param(lut_a_to_b_table(3, 2, mix_paint)[:32], id="of offsets only"),
        pytest.param(
            lut_a_to_b_table(3, 2, mix_paint)[:12] + b"\xff" * 20, id="of offsets to nowhere"
        ),
        pytest.param(lut_a_to_b_table(3, 2, mix_paint)[:12] + bytes(20), id="of nothing"),
    ],
)
def test_a_broken_table_is_ignored(table: bytes) -> None:
    pixels = noise(40, 30, seed=8)

    assert convert(pixels, build_table_profile(table)) is pixels


@pytest.mark.parametrize(
    ("profile", "model"),
    [
        pytest.param(
            build_table_profile(lut_header(b"mft1", 4, 33) + bytes(33**4 * 3 + 7 * 256), b"CMYK"),
            ColorModel.CMYK,
            id="33 points of four inks",
        ),
        pytest.param(
            build_table_profile(lut_header(b"mft1", 3, 109) + bytes(109**3 * 3 + 6 * 256)),
            ColorModel.RGB,
            id="109 points of three channels",
        ),
    ],
)
def test_a_large_table_is_looked_up(profile: bytes, model: ColorModel) -> None:
    pixels = noise(100, 100, seed=9, channels=4)
    shown = convert(pixels, profile, model)

    # L*, a* and b* of 0, -128 and -128
    assert (shown[..., :3] == shown[0, 0, :3]).all()


@pytest.mark.parametrize("shape", [(2, 40_000), (40_000, 2), (1, 70_000), (1025, 3)], ids=str)
def test_a_picture_of_any_sides_is_looked_up_as_one_of_others(shape: tuple[int, int]) -> None:
    height, width = shape
    pixels = noise(width, height, seed=1)
    profile = build_table_profile(lut8_table(3, 5, mix_paint))

    rgb = convert(pixels, profile)

    assert np.array_equal(rgb.reshape(1, -1, 3), convert(pixels.reshape(1, -1, 3), profile))
    few = convert(pixels.reshape(1, -1, 3)[:, :100], profile)
    assert np.array_equal(rgb.reshape(1, -1, 3)[:, :100], few)
