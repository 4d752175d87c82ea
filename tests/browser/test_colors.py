"""Colours of files as Chromium shows them, by which the engine's are judged.

Chromium works with floats of 16 bits here and there, which is seen where a channel is the small
difference of large numbers: one pixel in a thousand may differ by more.
"""

import base64
import io
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from PIL import Image, features
from playwright.sync_api import Browser, Page

from comparisons.engine.color import (
    Chromaticities,
    ColorModel,
    ColorSpace,
    IccProfile,
    Raster,
    Samples,
    choose_avif_color_space,
    choose_png_color_space,
    convert_to_srgb,
)
from tests.engine.color_definitions import decode_srgb, find_lab
from tests.engine.pictures import Pixels, encode_png, noise
from tests.engine.profiles import (
    ADOBE_RGB,
    DISPLAY_P3,
    PROPHOTO,
    SRGB,
    Floats,
    build_gray_profile,
    build_matrix_profile,
    build_profile,
    build_table_profile,
    code_points,
    gamma_curve,
    identity_curve,
    lut8_table,
    lut16_table,
    lut_a_to_b_table,
    matrix_table,
    parametric_curve,
    sampled_curve,
)

Show = Callable[[bytes, str], Pixels]
CodePoints = tuple[int, int, int, int]

# All grays, and colours all over.
GRAYS = np.arange(256, dtype=np.uint8).reshape(4, 64, 1)
PIXELS = np.vstack([np.repeat(GRAYS, 3, axis=2), noise(64, 28, seed=1)])
DEEP_GRAYS = np.arange(0, 65536, 64).astype(np.uint16).reshape(16, 64, 1)

BT_2020_CHRM = (31270, 32900, 70800, 29200, 17000, 79700, 13100, 4600)

SHOW = """
async ([content, type]) => {
    const image = new Image();
    image.src = `data:${type};base64,${content}`;
    await image.decode();
    const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    const data = context.getImageData(0, 0, canvas.width, canvas.height).data;
    return [canvas.width, canvas.height, btoa(Array.from(data, (value) => String.fromCharCode(value)).join(""))];
}
"""


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    page.goto("about:blank")
    yield page
    page.close()


@pytest.fixture
def show(page: Page) -> Show:
    """Give a function that shows a file on a canvas of sRGB: height x width x 3, RGB."""

    def show(content: bytes, media_type: str) -> Pixels:
        text = base64.b64encode(content).decode()
        width, height, pixels = page.evaluate(SHOW, [text, media_type])
        rgba = np.frombuffer(base64.b64decode(pixels), np.uint8).reshape(height, width, 4)
        return rgba[..., :3]

    return show


def assert_alike(ours: Pixels, theirs: Pixels) -> None:
    difference = np.abs(ours.astype(int) - theirs)
    assert (difference > 2).mean() <= 0.001
    assert difference.max() <= 10


def print_ideally(values: Floats) -> tuple[float, float, float]:
    return find_lab(DISPLAY_P3 @ decode_srgb(values))


def print_gray(values: Floats) -> tuple[float, float, float]:
    return 95 * float(values[0]) ** 1.3, 0, 0


PROFILES = [
    pytest.param(build_matrix_profile(DISPLAY_P3, gamma_curve(2.2), version=2), id="Display P3"),
    pytest.param(build_matrix_profile(ADOBE_RGB, gamma_curve(2.2)), id="Adobe RGB"),
    pytest.param(build_matrix_profile(PROPHOTO, gamma_curve(1.8)), id="ProPhoto RGB"),
    pytest.param(build_matrix_profile(SRGB, identity_curve()), id="linear"),
    pytest.param(build_matrix_profile(SRGB, gamma_curve(2.2)), id="sRGB of gamma 2.2"),
    pytest.param(build_matrix_profile(DISPLAY_P3, parametric_curve(0, 2.2)), id="parametric 0"),
    pytest.param(
        build_matrix_profile(DISPLAY_P3, parametric_curve(1, 2.2, 1.1, -0.1)), id="parametric 1"
    ),
    pytest.param(
        build_matrix_profile(DISPLAY_P3, parametric_curve(2, 2.2, 0.9, -0.05, 0.02)),
        id="parametric 2",
    ),
    pytest.param(
        build_matrix_profile(
            DISPLAY_P3, parametric_curve(3, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
        ),
        id="parametric 3",
    ),
    pytest.param(
        build_matrix_profile(DISPLAY_P3, parametric_curve(4, 2, 0.9, 0.05, 0.3, 0.1, 0.02, 0.01)),
        id="parametric 4",
    ),
    pytest.param(
        build_matrix_profile(DISPLAY_P3, sampled_curve(np.linspace(0, 1, 1024) ** 1.8)),
        id="sampled",
    ),
    pytest.param(
        build_matrix_profile(DISPLAY_P3, gamma_curve(1.8), gamma_curve(2.2), gamma_curve(2.6)),
        id="three curves",
    ),
    pytest.param(build_matrix_profile(SRGB, gamma_curve(1), connection=b"Lab "), id="Lab's matrix"),
    pytest.param(build_matrix_profile(SRGB, gamma_curve(1), version=5), id="of a later version"),
    pytest.param(build_matrix_profile(SRGB, parametric_curve(0, -1)), id="of a curve downwards"),
    pytest.param(build_matrix_profile(SRGB, parametric_curve(5, 1)), id="of an unknown curve"),
    pytest.param(build_matrix_profile(SRGB, gamma_curve(1))[:-8], id="truncated"),
    pytest.param(
        build_matrix_profile(SRGB, gamma_curve(1)) + bytes(99), id="with something behind"
    ),
    pytest.param(build_matrix_profile(SRGB, gamma_curve(1), space=b"CMYK"), id="for inks"),
    pytest.param(build_gray_profile(gamma_curve(1)), id="for gray"),
    pytest.param(build_table_profile(lut8_table(3, 17, print_ideally)), id="lut8Type"),
    pytest.param(build_table_profile(lut16_table(3, 17, print_ideally)), id="lut16Type"),
    pytest.param(build_table_profile(lut_a_to_b_table(3, 17, print_ideally)), id="lutAToBType"),
    pytest.param(
        build_table_profile(lut8_table(3, 17, print_ideally), name=b"A2B1"), id="colorimetric table"
    ),
    pytest.param(
        build_table_profile(lut8_table(3, 5, print_ideally), name=b"A2B2"), id="saturation table"
    ),
    pytest.param(
        build_profile(
            {b"A2B0": matrix_table(DISPLAY_P3 / 2, parametric_curve(0, 2.2), identity_curve())}
        ),
        id="table without a grid",
    ),
    pytest.param(
        build_matrix_profile(SRGB, gamma_curve(1), extra={b"A2B0": b"mpet" + bytes(99)}),
        id="program for a table",
    ),
    pytest.param(
        build_matrix_profile(SRGB, gamma_curve(1), extra={b"D2B0": b"mpet" + bytes(99)}),
        id="program beside the matrix",
    ),
    *[
        pytest.param(
            build_matrix_profile(SRGB, gamma_curve(1.8), extra={b"cicp": code_points(*points)}),
            id=f"code points {points}",
        )
        for points in (
            (12, 13),
            (9, 1),
            (9, 14),
            (9, 16),
            (9, 18),
            (3, 13),
            (12, 13, 1),
            (12, 13, 0, 0),
        )
    ],
]


def profile_chunk(profile: bytes) -> tuple[bytes, bytes]:
    return b"iCCP", b"profile\0\0" + zlib.compress(profile)


@pytest.mark.parametrize("profile", PROFILES)
def test_a_profile_of_png_is_applied_as_in_chromium(show: Show, profile: bytes) -> None:
    png = encode_png(PIXELS, depth=8, color_type=2, chunks=[profile_chunk(profile)])

    ours = convert_to_srgb(Raster(PIXELS, ColorModel.RGB), IccProfile(profile))

    assert_alike(ours, show(png, "image/png"))


GRAY_PROFILES = [
    pytest.param(build_gray_profile(gamma_curve(1)), id="linear"),
    pytest.param(build_gray_profile(gamma_curve(2.2)), id="gamma 2.2"),
    pytest.param(build_gray_profile(sampled_curve(np.linspace(0, 1, 33) ** 1.4)), id="sampled"),
    pytest.param(
        build_profile({b"kTRC": gamma_curve(1)}, space=b"GRAY", connection=b"Lab "), id="Lab"
    ),
    pytest.param(build_matrix_profile(DISPLAY_P3, gamma_curve(1)), id="RGB"),
    pytest.param(build_table_profile(lut8_table(1, 17, print_gray), b"GRAY"), id="lut8Type"),
    pytest.param(build_table_profile(lut16_table(1, 17, print_gray), b"GRAY"), id="lut16Type"),
]


@pytest.mark.parametrize("profile", GRAY_PROFILES)
def test_a_profile_of_a_gray_png_is_applied_as_in_chromium(show: Show, profile: bytes) -> None:
    png = encode_png(GRAYS, depth=8, color_type=0, chunks=[profile_chunk(profile)])

    raster = Raster(np.repeat(GRAYS, 3, axis=2), ColorModel.GRAY)

    assert_alike(convert_to_srgb(raster, IccProfile(profile)), show(png, "image/png"))


@pytest.mark.parametrize(("color_type", "model"), [(0, ColorModel.GRAY), (2, ColorModel.RGB)])
@pytest.mark.parametrize(
    "profile",
    [
        pytest.param(build_matrix_profile(SRGB, gamma_curve(1)), id="linear"),
        pytest.param(
            build_matrix_profile(SRGB, sampled_curve(np.linspace(0, 1, 64) ** 1.02)), id="sampled"
        ),
        pytest.param(
            build_table_profile(lut_a_to_b_table(3, 33, lambda x: find_lab(SRGB @ x))), id="table"
        ),
        pytest.param(
            build_matrix_profile(SRGB, gamma_curve(1), extra={b"cicp": code_points(9, 16)}),
            id="PQ",
        ),
    ],
)
def test_a_profile_of_a_png_of_16_bits_is_applied_as_in_chromium(
    show: Show, profile: bytes, color_type: int, model: ColorModel
) -> None:
    deep = np.repeat(DEEP_GRAYS, 3, axis=2)
    samples = deep if color_type == 2 else DEEP_GRAYS
    png = encode_png(samples, depth=16, color_type=color_type, chunks=[profile_chunk(profile)])

    ours = convert_to_srgb(Raster(deep, model), IccProfile(profile), cuts_depth=True)

    assert_alike(ours, show(png, "image/png"))


@pytest.mark.parametrize("file_format", ["JPEG", "WEBP"])
@pytest.mark.parametrize(
    "profile",
    [
        pytest.param(build_matrix_profile(DISPLAY_P3, gamma_curve(1.8)), id="matrix"),
        pytest.param(build_table_profile(lut16_table(3, 17, print_ideally)), id="table"),
        pytest.param(build_gray_profile(gamma_curve(1)), id="for gray"),
        pytest.param(
            build_matrix_profile(SRGB, gamma_curve(1), space=b"\xff\xff\xff\xff"),
            id="for a space without a name",
        ),
    ],
)
def test_a_profile_of_another_format_is_applied_as_in_chromium(
    show: Show, profile: bytes, file_format: str
) -> None:
    settings: dict[str, Any] = {"lossless": True, "exact": True, "quality": 100, "subsampling": 0}
    buffer = io.BytesIO()
    Image.fromarray(PIXELS).save(buffer, file_format, icc_profile=profile, **settings)
    pixels = np.asarray(Image.open(buffer).convert("RGB"))

    ours = convert_to_srgb(Raster(pixels, ColorModel.RGB), IccProfile(profile))

    assert_alike(ours, show(buffer.getvalue(), f"image/{file_format.lower()}"))


# With black ink, Chromium takes a profile of inks for another one than it is: docs/engine.md.
@pytest.mark.parametrize(
    "profile",
    [
        pytest.param(None, id="none"),
        pytest.param(build_matrix_profile(SRGB, gamma_curve(1)), id="for RGB"),
        pytest.param(
            build_table_profile(
                lut_a_to_b_table(4, 5, lambda inks: print_ideally((1 - inks[:3]) * (1 - inks[3]))),
                b"CMYK",
            ),
            id="table",
        ),
    ],
)
def test_inks_without_black_are_shown_as_in_chromium(show: Show, profile: bytes | None) -> None:
    inks = np.kron(noise(16, 16, seed=2, channels=4), np.ones((8, 8, 1), np.uint8))
    inks[..., 3] = 0
    buffer = io.BytesIO()
    Image.fromarray(inks, "CMYK").save(buffer, "JPEG", quality=100, icc_profile=profile)
    stored = np.array(Image.open(buffer))
    stored[..., 3] = 0

    ours = convert_to_srgb(
        Raster(stored, ColorModel.CMYK), IccProfile(profile) if profile else None
    )

    assert_alike(ours, show(buffer.getvalue(), "image/jpeg"))


def describe_png(
    cicp: CodePoints | None = None,
    icc: bytes | None = None,
    *,
    has_srgb: bool = False,
    gamma: int | None = None,
    chrm: Sequence[int] | None = None,
    peak_nits: int | None = None,
) -> tuple[list[tuple[bytes, bytes]], ColorSpace | None]:
    """Make the chunks, and choose by what is in them."""
    chunks = [(b"cICP", bytes(cicp))] if cicp else []
    chunks += [profile_chunk(icc)] if icc else []
    chunks += [(b"sRGB", b"\0")] if has_srgb else []
    chunks += [(b"gAMA", struct.pack(">I", gamma))] if gamma is not None else []
    chunks += [(b"cHRM", struct.pack(">8I", *chrm))] if chrm else []
    chunks += [(b"cLLI", struct.pack(">2I", peak_nits * 10_000, 0))] if peak_nits else []
    chromaticities = None
    if chrm:
        white, red, green, blue = (
            (x / 1e5, y / 1e5) for x, y in zip(chrm[::2], chrm[1::2], strict=True)
        )
        chromaticities = Chromaticities(red, green, blue, white)
    space = choose_png_color_space(
        cicp,
        icc,
        has_srgb=has_srgb,
        gamma=gamma,
        chromaticities=chromaticities,
        peak_nits=peak_nits,
    )
    return chunks, space


def name_chunks(description: dict[str, Any]) -> str:
    return " ".join(
        name if isinstance(value, bytes) else f"{name} {value}"
        for name, value in description.items()
    )


LINEAR = build_matrix_profile(SRGB, gamma_curve(1))


@pytest.mark.parametrize(
    "description",
    [
        *[{"cicp": (primaries, 13, 0, 1)} for primaries in (*range(14), 22, 23)],
        *[{"cicp": (1, transfer, 0, 1)} for transfer in range(20)],
        *[
            {"cicp": (primaries, transfer, 0, 1), "peak_nits": peak_nits}
            for primaries in (1, 9, 12)
            for transfer in (16, 18)
            for peak_nits in (None, 400, 4000)
        ],
        *[
            {"gamma": gamma}
            for gamma in (0, 1, 43181, 43182, 45455, 47727, 47728, 50_000, 100_000, 1_000_000)
        ],
        {"chrm": BT_2020_CHRM},
        {"chrm": BT_2020_CHRM, "gamma": 45455},
        {"chrm": (0,) * 8, "gamma": 100_000},
        {"chrm": (*BT_2020_CHRM[:2], 170_800, *BT_2020_CHRM[3:]), "gamma": 100_000},
        {"has_srgb": True, "gamma": 100_000},
        {"has_srgb": True, "icc": LINEAR},
        {"icc": LINEAR, "gamma": 200_000},
        {"icc": b"broken", "gamma": 100_000},
        {"icc": b"broken", "gamma": 100_000, "has_srgb": True},
        {"icc": build_gray_profile(gamma_curve(1)), "gamma": 200_000},
        {"icc": LINEAR, "cicp": (12, 13, 0, 1)},
        {"icc": LINEAR, "cicp": (12, 13, 0, 0)},
        {"icc": LINEAR, "cicp": (12, 2, 0, 1)},
        {"gamma": 100_000, "cicp": (12, 2, 0, 1)},
    ],
    ids=name_chunks,
)
def test_chunks_of_png_count_as_in_chromium(show: Show, description: dict[str, Any]) -> None:
    chunks, space = describe_png(**description)
    png = encode_png(PIXELS, depth=8, color_type=2, chunks=chunks)

    ours = convert_to_srgb(Raster(PIXELS, ColorModel.RGB), space)

    assert_alike(ours, show(png, "image/png"))


@pytest.mark.parametrize("color_type", [0, 3, 4], ids=["gray", "palette", "gray and opacity"])
@pytest.mark.parametrize(
    "description",
    [
        {"cicp": (12, 8, 0, 1)},
        {"cicp": (9, 16, 0, 1)},
        {"gamma": 100_000, "chrm": BT_2020_CHRM},
        {"icc": build_matrix_profile(DISPLAY_P3, gamma_curve(1.2))},
        {"icc": build_gray_profile(gamma_curve(1))},
    ],
    ids=["cICP", "PQ", "gAMA and cHRM", "profile for RGB", "profile for gray"],
)
def test_chunks_of_png_without_three_channels_count_as_in_chromium(
    show: Show, description: dict[str, Any], color_type: int
) -> None:
    chunks, space = describe_png(**description)
    palette = noise(256, 1, seed=3)
    if color_type == 3:
        chunks.append((b"PLTE", palette.tobytes()))
    samples = np.dstack([GRAYS, np.full_like(GRAYS, 255)]) if color_type == 4 else GRAYS
    png = encode_png(samples, depth=8, color_type=color_type, chunks=chunks)
    pixels: Samples = palette[0][GRAYS[..., 0]] if color_type == 3 else np.repeat(GRAYS, 3, axis=2)
    model = ColorModel.RGB if color_type == 3 else ColorModel.GRAY

    ours = convert_to_srgb(Raster(pixels, model), space)

    assert_alike(ours, show(png, "image/png"))


@pytest.mark.skipif(not features.check("avif"), reason="Pillow has no AVIF")
@pytest.mark.parametrize(
    "nclx",
    [
        *[(primaries, 13) for primaries in (*range(14), 22, 23)],
        # Those that are left out, Chromium doesn't show.
        *[(1, transfer) for transfer in (*range(9), *range(13, 20))],
        *[(9, transfer) for transfer in (0, 1, 2, 3, 14, 16, 18, 19)],
        *[(primaries, 8) for primaries in (0, 2, 3)],
    ],
    ids=str,
)
def test_code_points_of_avif_count_as_in_chromium(show: Show, nclx: tuple[int, int]) -> None:
    buffer = io.BytesIO()
    blocks = np.kron(noise(16, 8, seed=4), np.ones((4, 4, 1), np.uint8))
    Image.fromarray(blocks).save(buffer, "AVIF", quality=100, subsampling="4:4:4", speed=9)
    before, after = buffer.getvalue().split(b"nclx", 1)
    said = {
        points: before + b"nclx" + struct.pack(">2H", *points) + after[4:]
        for points in (nclx, (1, 13))
    }
    stored = show(said[1, 13], "image/avif")

    ours = convert_to_srgb(
        Raster(np.ascontiguousarray(stored), ColorModel.RGB), choose_avif_color_space(nclx, None)
    )

    assert_alike(ours, show(said[nclx], "image/avif"))
