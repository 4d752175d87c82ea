import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms

from comparisons.engine import Limits, compare, decode_image

from .pictures import Pixels, describe_colors, encode, encode_png, gradient, plain

# Display P3 and sRGB, adapted to D50 (Bradford): http://www.brucelindbloom.com/Eqn_RGB_XYZ_Matrix.html
DISPLAY_P3 = (
    (0.51512, 0.24120, -0.00105),
    (0.29198, 0.69225, 0.04189),
    (0.15710, 0.06657, 0.78407),
)
SRGB = ((0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410))


SENSELESS = describe_colors(DISPLAY_P3, gamma=2.2).replace(b"RGB ", b"\xff\xff\xff\xff", 1)


def decode(content: bytes) -> Pixels:
    return decode_image(content, Limits()).rgb


def to_srgb(
    pixels: Pixels, primaries: tuple[tuple[float, ...], ...], gamma: float
) -> NDArray[np.float64]:
    """Convert by the definition: gamma off, primaries to XYZ to sRGB's, sRGB's curve on (IEC 61966-2-1)."""
    linear = (pixels / 255) ** gamma @ np.array(primaries) @ np.linalg.inv(np.array(SRGB))
    linear = np.clip(linear, 0, 1)
    curved = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.asarray(255 * curved)


@pytest.mark.parametrize("file_format", ["PNG", "TIFF"])
def test_colours_of_another_profile_are_converted_to_srgb(file_format: str) -> None:
    # Dull colours: the same in both, but for their numbers.
    pixels = gradient(40, 30) // 2 + 60
    profile = describe_colors(DISPLAY_P3, gamma=2.2)

    rgb = decode(encode(pixels, file_format, icc_profile=profile))

    assert np.abs(rgb - to_srgb(pixels, DISPLAY_P3, 2.2)).max() <= 1.5
    assert (rgb != pixels).any()


def test_display_p3_and_srgb_of_the_same_numbers_differ() -> None:
    pixels = plain(20, 20, (200, 80, 60))
    wide = encode(pixels, "PNG", icc_profile=describe_colors(DISPLAY_P3, gamma=2.2))

    result = compare(encode(pixels, "PNG"), wide)

    assert result.mse > 0


def test_a_profile_of_srgb_changes_nothing() -> None:
    pixels = gradient(40, 30)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()

    rgb = decode(encode(pixels, "PNG", icc_profile=profile))

    assert (rgb == pixels).all()


def test_opacity_is_kept_as_it_is() -> None:
    pixels = np.dstack([gradient(40, 30), gradient(40, 30)[..., 0]])
    profile = describe_colors(DISPLAY_P3, gamma=2.2)

    picture = decode_image(encode(pixels, "PNG", icc_profile=profile), Limits())

    assert picture.alpha is not None
    assert (picture.alpha == pixels[..., 3]).all()


def test_16_bit_colours_are_converted_after_rounding_to_8() -> None:
    pixels = gradient(40, 30) // 2 + 60
    profile = describe_colors(DISPLAY_P3, gamma=2.2)
    shallow = Image.fromarray(pixels)
    buffer = io.BytesIO()
    shallow.save(buffer, "PNG", icc_profile=profile)
    chunk = buffer.getvalue()[buffer.getvalue().index(b"iCCP") :]
    length = int.from_bytes(buffer.getvalue()[buffer.getvalue().index(b"iCCP") - 4 :][:4], "big")

    deep = encode_png(
        pixels.astype(np.uint32) * 257,
        depth=16,
        color_type=2,
        chunks=[(b"iCCP", chunk[4 : 4 + length])],
    )

    assert (decode(deep) == decode(buffer.getvalue())).all()


@pytest.mark.parametrize("mode", ["L", "LA"])
def test_gray_profiles_are_honoured(mode: str) -> None:
    gray = np.arange(256, dtype=np.uint8).reshape(16, 16)
    buffer = io.BytesIO()
    Image.fromarray(gray).convert(mode).save(
        buffer, "PNG", icc_profile=describe_colors(None, gamma=1.0)
    )

    rgb = decode(buffer.getvalue())

    expected = to_srgb(np.repeat(gray[..., np.newaxis], 3, axis=2), SRGB, 1.0)
    assert np.abs(rgb - expected).max() <= 1.5


@pytest.mark.parametrize(
    "profile",
    [
        pytest.param(b"no profile", id="broken"),
        pytest.param(describe_colors(DISPLAY_P3, gamma=2.2)[:200], id="truncated"),
        pytest.param(describe_colors(None, gamma=1.0), id="for gray"),
        pytest.param(SENSELESS, id="for a colour space without a name"),
    ],
)
def test_a_profile_that_makes_no_sense_for_the_picture_is_ignored(profile: bytes) -> None:
    pixels = gradient(40, 30)

    rgb = decode(encode(pixels, "PNG", icc_profile=profile))

    assert (rgb == pixels).all()


def test_a_profile_for_rgb_is_ignored_on_cmyk() -> None:
    buffers = [io.BytesIO(), io.BytesIO()]
    image = Image.fromarray(plain(16, 16, (200, 100, 50, 30)), "CMYK")
    image.save(buffers[0], "TIFF")
    image.save(buffers[1], "TIFF", icc_profile=describe_colors(DISPLAY_P3, gamma=2.2))

    plain_rgb, tagged_rgb = (decode(buffer.getvalue()) for buffer in buffers)

    assert (plain_rgb == tagged_rgb).all()
