"""Bytes in, picture out, all of it by Pillow.

It says when a file is truncated, where OpenCV returns what it has; and it has not crashed on corrupt
files yet, where OpenCV has. Nor is a file ever shown to two decoders, which may see different sizes in
it. Pillow's one fault is that it cuts off the low byte of colours of 16 bits: they are read twice,
each time another byte of theirs.
"""

import io
import re
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, UnidentifiedImageError
from PIL.ImageFile import ImageFile
from PIL.TiffImagePlugin import TiffImageFile

from .bands import crop_rows, split_rows
from .errors import (
    DecodeError,
    ImageCorrupt,
    ImageEmpty,
    ImageNotRecognized,
    ImageTruncated,
    ImageUnsupported,
)
from .options import MAX_GRAY, Limits
from .parts import check_parts
from .picture import Picture, check_pixel_count, split_channels
from .profile import convert_to_srgb

# Pixels are counted by `decode_image`, per picture; Pillow's own limit is one for the whole process.
Image.MAX_IMAGE_PIXELS = None

# Files can make Pillow warn thousands of times, each time in words of its own, of which Python would
# remember every one. What it warns of does not keep a viewer from showing the picture.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")

# MPO is what several cameras write into files called .jpg: a JPEG followed by further ones.
MEDIA_TYPES = {
    "PNG": "image/png",
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",
    "WEBP": "image/webp",
    "GIF": "image/gif",
    "BMP": "image/bmp",
    "TIFF": "image/tiff",
    "AVIF": "image/avif",
}

# An allow-list: left open, Pillow would hand EPS to Ghostscript. It knows no MPO by itself, and finds
# out while it reads a JPEG.
OPENED_FORMATS = [name for name in MEDIA_TYPES if name != "MPO"]

# 32-bit and floating point samples have no agreed black and white, and LAB no profile here.
UNSUPPORTED_MODES = {"I", "F", "LAB"}

# What brings the stored rows and columns upright: https://www.cipa.jp/std/documents/e/DC-008-2012_E.pdf, 4.6.4 A.
UPRIGHT: dict[int, Callable[[NDArray[np.uint8]], NDArray[np.uint8]]] = {
    2: lambda pixels: pixels[:, ::-1],
    3: lambda pixels: pixels[::-1, ::-1],
    4: lambda pixels: pixels[::-1],
    5: lambda pixels: pixels.swapaxes(0, 1),
    6: lambda pixels: np.rot90(pixels, -1),
    7: lambda pixels: pixels[::-1, ::-1].swapaxes(0, 1),
    8: lambda pixels: np.rot90(pixels, 1),
}

SIDEWAYS = {5, 6, 7, 8}

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


def decode_image(content: bytes, limits: Limits) -> Picture:
    """Decode an encoded image: upright, first frame, 8 bits per channel, sRGB.

    Pixels are counted from the header, before any is decoded.

    :raises DecodeError: the leaf that says what is wrong with ``content``.
    """
    pixels, media_type = read_upright(content, limits)
    return split_channels(pixels, media_type)


def read_upright(content: bytes, limits: Limits) -> tuple[NDArray[np.uint8], str]:
    """Get RGB or RGBA, and the media type; what the decoder holds is free again on return."""
    with open_image(content, limits) as image:
        pixels = read_pixels(image, content, limits)
        pixels = convert_to_srgb(pixels, image)
        media_type = MEDIA_TYPES[image.format or ""]
        # Read after load(), which turns the pixels of a TIFF itself, and drops the tag then.
        orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
    turn = UPRIGHT.get(orientation)
    return np.ascontiguousarray(turn(pixels)) if turn else pixels, media_type


def read_size(content: bytes, limits: Limits) -> tuple[int, int]:
    """Read width and height from the header, as they are when the picture is upright.

    :raises DecodeError: the leaf that says what is wrong with the header.
    """
    with open_image(content, limits) as image:
        width, height = image.size
        # Of TIFF, Pillow tells the upright size itself.
        if image.format != "TIFF" and image.getexif().get(ExifTags.Base.Orientation) in SIDEWAYS:
            return height, width
        return width, height


@contextmanager
def open_image(content: bytes, limits: Limits) -> Iterator[ImageFile]:
    """Open an image, and name what goes wrong with it in the block.

    :raises DecodeError: the leaf that says what is wrong with ``content``.
    """
    if not content:
        raise ImageEmpty("the image is empty (0 bytes)")
    try:
        check_parts(content)
        with Image.open(io.BytesIO(content), formats=OPENED_FORMATS) as image:
            check_header(image, limits)
            yield image
    except DecodeError:
        raise
    except UnidentifiedImageError as error:
        raise ImageNotRecognized("not an image in a format that is read here") from error
    # Pillow's decoders raise OSError, SyntaxError, ValueError, struct.error and more for bad data alike.
    except Exception as error:
        if "truncated" in str(error).lower():
            raise ImageTruncated("the image is truncated: its end is missing") from error
        raise ImageCorrupt("the image is corrupt and can't be decoded") from error


def check_header(image: ImageFile, limits: Limits) -> None:
    check_pixel_count(image.width, image.height, limits)
    if image.mode in UNSUPPORTED_MODES:
        raise ImageUnsupported(f"{image.format} images of mode {image.mode} are not supported")


def read_pixels(image: ImageFile, content: bytes, limits: Limits) -> NDArray[np.uint8]:
    """Read height x width x 3 or 4, RGB or RGBA. ``content`` is the image's own."""
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
