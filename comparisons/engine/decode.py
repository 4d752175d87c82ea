"""Bytes in, picture out. Which library decodes what, and why:

=====================  =======  ==================================================================
samples                library  because
=====================  =======  ==================================================================
up to 8 bits           Pillow   it says when a file is truncated, where OpenCV returns what it has;
                                and it reads a lone frame, where OpenCV has crashed on the frames
                                of corrupt animations
16 bits, gray          Pillow   exact, once its whole samples are scaled here
16 bits, other         OpenCV   Pillow cuts off the low byte; it still checks the file first
=====================  =======  ==================================================================
"""

import io
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, UnidentifiedImageError
from PIL.ImageFile import ImageFile
from PIL.TiffImagePlugin import TiffImageFile

from .errors import (
    DecodeError,
    ImageCorrupt,
    ImageEmpty,
    ImageNotRecognized,
    ImageTruncated,
    ImageUnsupported,
)
from .options import MAX_GRAY, Limits
from .picture import Picture, check_pixel_count, split_channels
from .profile import convert_to_srgb

# Pixels are counted by `decode_image`, per picture; Pillow's own limit is one for the whole process.
Image.MAX_IMAGE_PIXELS = None

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

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PNG_STILL_CHUNKS = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}

# Of grays of 2 and 4 bits, by Pillow's name for how they are stored.
HIGHEST_SAMPLES = {"L;2": 3, "L;4": 15}
MAX_16_BIT = 0xFFFF

# https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf, page 37
TIFF_PHOTOMETRIC, TIFF_WHITE_IS_ZERO = 262, 0


def decode_image(content: bytes, limits: Limits) -> Picture:
    """Decode an encoded image: upright, first frame, 8 bits per channel, sRGB.

    Pixels are counted from the header, before any is decoded.

    :raises DecodeError: the leaf that says what is wrong with ``content``.
    """
    with open_image(content, limits) as image:
        is_deep = ";16" in str(image.tile)
        scale_transparent_gray(image)
        image.load()
        pixels = read_16_bit(content, image) if is_deep else read_8_bit(image)
        pixels = convert_to_srgb(pixels, image)
        media_type = MEDIA_TYPES[image.format or ""]
        # Read after load(): for TIFF, Pillow and OpenCV turn the pixels themselves, and Pillow drops the tag.
        orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
    turn = UPRIGHT.get(orientation)
    return split_channels(np.ascontiguousarray(turn(pixels)) if turn else pixels, media_type)


def read_size(content: bytes, limits: Limits) -> tuple[int, int]:
    """Read width and height from the header, as stored: before it is turned upright.

    :raises DecodeError: the leaf that says what is wrong with the header.
    """
    with open_image(content, limits) as image:
        return image.size


@contextmanager
def open_image(content: bytes, limits: Limits) -> Iterator[ImageFile]:
    """Open an image, and name what goes wrong with it in the block.

    :raises DecodeError: the leaf that says what is wrong with ``content``.
    """
    if not content:
        raise ImageEmpty("the image is empty (0 bytes)")
    try:
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


def read_8_bit(image: ImageFile) -> NDArray[np.uint8]:
    # Converting to the mode that the image has would copy it.
    mode = "RGBA" if image.has_transparency_data else "RGB"
    return np.asarray(image if image.mode == mode else image.convert(mode))


def scale_transparent_gray(image: ImageFile) -> None:
    """Bring the gray that a PNG calls transparent to 8 bits, as Pillow does with the pixels only."""
    transparent = image.info.get("transparency")
    if image.format == "PNG" and image.tile and isinstance(transparent, int):
        highest = HIGHEST_SAMPLES.get(str(image.tile[0].args), MAX_GRAY)
        image.info["transparency"] = transparent * MAX_GRAY // highest


def read_16_bit(content: bytes, image: ImageFile) -> NDArray[np.uint8]:
    """Scale 16-bit samples to 8, rounding."""
    if image.mode.startswith("I;16"):
        return read_16_bit_gray(image)
    still = b"".join(still_png(content)) if image.format == "PNG" else content
    bgr = cv2.imdecode(np.frombuffer(still, np.uint8), cv2.IMREAD_UNCHANGED)
    if bgr is None or bgr.dtype != np.uint16 or bgr.ndim != 3:
        raise ImageUnsupported(f"this kind of 16-bit {image.format} image is not supported")
    return scale_to_8_bit(bgr[..., [2, 1, 0, 3][: bgr.shape[2]]])


def read_16_bit_gray(image: ImageFile) -> NDArray[np.uint8]:
    samples = np.asarray(image)
    transparent = image.info.get("transparency")
    if (
        isinstance(image, TiffImageFile)
        and image.tag_v2.get(TIFF_PHOTOMETRIC) == TIFF_WHITE_IS_ZERO
    ):
        samples = MAX_16_BIT - samples
    planes = [samples] * 3
    if transparent is not None:
        planes.append(np.where(samples == transparent, 0, MAX_16_BIT))
    return scale_to_8_bit(np.dstack(planes))


def scale_to_8_bit(samples: NDArray[Any]) -> NDArray[np.uint8]:
    return ((samples.astype(np.uint32) + 128) // 257).astype(np.uint8)


def still_png(content: bytes) -> Iterator[bytes]:
    """Leave out the chunks that are not needed for the still picture.

    OpenCV crashes on some corrupt animation chunks. Pillow has checked lengths and CRCs before.
    """
    yield PNG_SIGNATURE
    position = len(PNG_SIGNATURE)
    while position < len(content):
        (length,) = struct.unpack_from(">I", content, position)
        end = position + 12 + length
        if content[position + 4 : position + 8] in PNG_STILL_CHUNKS:
            yield content[position:end]
        position = end
