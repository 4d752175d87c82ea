"""Everything that is read here, by Pillow.

Its one fault is that it cuts off the low byte of colours of 16 bits: they are read twice, each time
another byte of theirs.
"""

import re
import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL.ImageFile import ImageFile
from PIL.TiffImagePlugin import TiffImageFile

from comparisons.engine.bands import crop_rows, split_rows
from comparisons.engine.containers.png import check_pixel_checksums
from comparisons.engine.errors import ImageUnsupported
from comparisons.engine.header import open_image
from comparisons.engine.options import MAX_GRAY, Limits

# Of grays of 2 and 4 bits, by Pillow's name for how they are stored.
HIGHEST_SAMPLES = {"L;2": 3, "L;4": 15}
MAX_16_BIT = 0xFFFF

# https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf, page 37
TIFF_PHOTOMETRIC, TIFF_WHITE_IS_ZERO = 262, 0
TIFF_PLANES, TIFF_SEPARATE, TIFF_DEPTHS = 284, 2, 258

# Pillow's names for colours of 16 bits: their channels, and whether they are stored big-endian,
# little-endian or as the processor has them.
DEEP_COLORS = re.compile(r"(RGB|RGBA|RGBX);16([BLN])")
DEEP_GRAY_ALPHA = "LA;16B"
OTHER_ORDER = {"B": "L", "L": "B", "N": "B" if sys.byteorder == "little" else "L"}


def read_pixels(image: ImageFile, content: bytes, limits: Limits) -> NDArray[np.uint8]:
    """Read height x width x 3 or 4, RGB or RGBA. ``content`` is the image's own."""
    if image.format == "PNG":
        check_pixel_checksums(content)
    mode = find_raw_mode(image)
    if has_deep_planes(image):
        raise ImageUnsupported("16-bit TIFF images of separate planes are not supported")
    if image.mode.startswith("I;16"):
        return read_16_bit_gray(image)
    if mode == DEEP_GRAY_ALPHA:
        return read_16_bit_gray_alpha(image)
    if DEEP_COLORS.fullmatch(mode):
        return read_16_bit_colors(image, content, limits)
    if ";16" in mode and mode != "BGR;16":
        raise ImageUnsupported(f"this kind of 16-bit {image.format} image is not supported")
    return read_8_bit(image)


def find_raw_mode(image: ImageFile) -> str:
    """Find Pillow's name for how the samples are stored: https://pillow.readthedocs.io/en/stable/handbook/writing-your-own-image-plugin.html#the-raw-decoder."""
    args = image.tile[0].args if image.tile else ""
    return str(args[0] if isinstance(args, tuple) else args)


def has_deep_planes(image: ImageFile) -> bool:
    """Tell whether Pillow would take the bytes of each plane's samples for samples of their own."""
    return (
        isinstance(image, TiffImageFile)
        and image.tag_v2.get(TIFF_PLANES) == TIFF_SEPARATE
        and 16 in image.tag_v2.get(TIFF_DEPTHS, ())
    )


def set_raw_mode(image: ImageFile, mode: str) -> None:
    image.tile = [
        tile._replace(args=(mode, *tile.args[1:]) if isinstance(tile.args, tuple) else mode)
        for tile in image.tile
    ]


def read_8_bit(image: ImageFile) -> NDArray[np.uint8]:
    scale_transparent_gray(image)
    image.load()
    mode = "RGBA" if image.has_transparency_data else "RGB"
    pixels = np.empty((image.height, image.width, len(mode)), np.uint8)
    # Band by band: as a whole, Pillow would hold the pixels three times over.
    for rows in split_rows(image.height, image.width):
        band = crop_rows(image, rows)
        pixels[rows] = np.asarray(band if band.mode == mode else band.convert(mode))
    return pixels


def scale_transparent_gray(image: ImageFile) -> None:
    """Bring the gray that a PNG calls transparent to 8 bits, as Pillow does with the pixels only."""
    transparent = image.info.get("transparency")
    if image.format == "PNG" and image.tile and isinstance(transparent, int):
        highest = HIGHEST_SAMPLES.get(str(image.tile[0].args), MAX_GRAY)
        image.info["transparency"] = transparent * MAX_GRAY // highest


def read_16_bit_colors(image: ImageFile, content: bytes, limits: Limits) -> NDArray[np.uint8]:
    """Read the high bytes, then the low ones, by saying that the samples are stored the other way round."""
    with open_image(content, limits) as again:
        mode = find_raw_mode(again)
        set_raw_mode(again, mode[:-1] + OTHER_ORDER[mode[-1]])
        return round_samples(image, again)


def round_samples(high: ImageFile, low: ImageFile) -> NDArray[np.uint8]:
    """Join the bytes of the samples, and scale them to 8 bits."""
    high.load()
    low.load()
    transparent = high.info.get("transparency")
    channels = len(high.getbands())
    pixels = np.empty((high.height, high.width, channels + (transparent is not None)), np.uint8)
    for rows in split_rows(high.height, high.width):
        high_bytes, low_bytes = (np.asarray(crop_rows(image, rows)) for image in (high, low))
        samples = high_bytes.astype(np.uint16) << 8 | low_bytes
        pixels[rows, :, :channels] = scale_to_8_bit(samples)
        if transparent is not None:
            pixels[rows, :, channels] = np.where((samples == transparent).all(axis=2), 0, MAX_GRAY)
    return pixels


def read_16_bit_gray_alpha(image: ImageFile) -> NDArray[np.uint8]:
    """Read two samples of two bytes as four of one, which keeps all of them."""
    set_raw_mode(image, "RGBA")
    image.load()
    gray_alpha = np.asarray(image).view(">u2")
    pixels = np.empty((image.height, image.width, 4), np.uint8)
    for rows in split_rows(image.height, image.width):
        pixels[rows] = scale_to_8_bit(gray_alpha[rows])[..., [0, 0, 0, 1]]
    return pixels


def read_16_bit_gray(image: ImageFile) -> NDArray[np.uint8]:
    image.load()
    samples = np.asarray(image)
    transparent = image.info.get("transparency")
    if (
        isinstance(image, TiffImageFile)
        and image.tag_v2.get(TIFF_PHOTOMETRIC) == TIFF_WHITE_IS_ZERO
    ):
        samples = MAX_16_BIT - samples
    channels = 3 if transparent is None else 4
    pixels = np.empty((image.height, image.width, channels), np.uint8)
    for rows in split_rows(image.height, image.width):
        pixels[rows, :, :3] = scale_to_8_bit(samples[rows])[..., np.newaxis]
        if transparent is not None:
            pixels[rows, :, 3] = np.where(samples[rows] == transparent, 0, MAX_GRAY)
    return pixels


def scale_to_8_bit(samples: NDArray[Any]) -> NDArray[np.uint8]:
    return ((samples.astype(np.uint32) + 128) // 257).astype(np.uint8)
