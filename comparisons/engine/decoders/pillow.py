"""Whatever no other decoder reads, by Pillow.

Its one fault is that it cuts off the low byte of colours of 16 bits: they are read twice, each time
another byte of theirs.
"""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.ImageFile import ImageFile

from comparisons.engine.bands import crop_rows, split_rows
from comparisons.engine.color import ColorModel, Raster
from comparisons.engine.containers import Container
from comparisons.engine.containers.png import PngContainer
from comparisons.engine.containers.png_pixels import check_pixels
from comparisons.engine.errors import (
    DecodeError,
    ImageCorrupt,
    ImageTruncated,
    ImageUnsupported,
)
from comparisons.engine.options import MAX_GRAY

# Pixels are counted in `containers`, per picture; Pillow's own limit is one for the whole process.
Image.MAX_IMAGE_PIXELS = None

# Files can make Pillow warn thousands of times, each time in words of its own, of which Python would
# remember every one. What it warns of does not keep a viewer from showing the picture.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")

# Of grays of 2 and 4 bits, by Pillow's name for how they are stored.
HIGHEST_SAMPLES = {"L;2": 3, "L;4": 15}
# Its names for samples of 16 bits, and for the same read the other way round.
DEEP_GRAY, DEEP_GRAY_ALPHA = "I;16B", "LA;16B"
DEEP_COLORS = {"RGB;16B": "RGB;16L", "RGBA;16B": "RGBA;16L"}
MAX_16_BIT = 0xFFFF


def read_raster(container: Container) -> Raster:
    """Read any picture of a format that Pillow reads.

    :raises DecodeError: the leaf that says what is wrong with it.
    """
    if isinstance(container, PngContainer):
        check_pixels(container)
    with opening(container) as image:
        model, mode = container.model, find_raw_mode(image)
        if model is ColorModel.CMYK:
            image.load()
            return Raster(np.asarray(image), model)
        if mode == DEEP_GRAY:
            return Raster(read_16_bit_gray(image), model)
        if mode == DEEP_GRAY_ALPHA:
            return Raster(read_16_bit_gray_alpha(image), model)
        if mode in DEEP_COLORS:
            return Raster(read_16_bit_colors(image, container), model)
        return Raster(read_8_bit(image), model)


@contextmanager
def opening(container: Container) -> Iterator[ImageFile]:
    """Open an image, and name what goes wrong with it in the block.

    :raises DecodeError: the leaf that says what is wrong with it.
    """
    try:
        # An allow-list: left open, Pillow would hand EPS to Ghostscript.
        with Image.open(io.BytesIO(container.content), formats=[container.format]) as image:
            check_size(image, container)
            yield image
    except DecodeError:
        raise
    except MemoryError as error:
        raise ImageUnsupported("the image takes more memory to decode than there is") from error
    # Pillow's decoders raise OSError, SyntaxError, ValueError, struct.error and more for bad data alike.
    except Exception as error:
        if "truncated" in str(error).lower():
            raise ImageTruncated("the image is truncated: its end is missing") from error
        raise ImageCorrupt("the image is corrupt and can't be decoded") from error


def check_size(image: ImageFile, container: Container) -> None:
    """Refuse an image of which Pillow reads another size than was counted."""
    if image.size != (container.coded_width, container.coded_height):
        raise ImageCorrupt("the image is corrupt: its size is ambiguous")


def find_raw_mode(image: ImageFile) -> str:
    """Find Pillow's name for how the samples are stored: https://pillow.readthedocs.io/en/stable/handbook/writing-your-own-image-plugin.html#the-raw-decoder."""
    args = image.tile[0].args if image.tile else ""
    return str(args[0] if isinstance(args, tuple) else args)


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
    if image.format == "PNG" and isinstance(transparent, int):
        highest = HIGHEST_SAMPLES.get(find_raw_mode(image), MAX_GRAY)
        image.info["transparency"] = transparent * MAX_GRAY // highest


def read_16_bit_colors(high: ImageFile, container: Container) -> NDArray[np.uint16]:
    """Read the high bytes, then the low ones, by saying that the samples are stored the other way round."""
    with opening(container) as low:
        set_raw_mode(low, DEEP_COLORS[find_raw_mode(low)])
        high.load()
        low.load()
        transparent = high.info.get("transparency")
        channels = len(high.getbands())
        samples = np.empty((high.height, high.width, channels + bool(transparent)), np.uint16)
        for rows in split_rows(high.height, high.width):
            high_bytes, low_bytes = (np.asarray(crop_rows(image, rows)) for image in (high, low))
            colors = high_bytes.astype(np.uint16) << 8 | low_bytes
            samples[rows, :, :channels] = colors
            if transparent:
                is_transparent = (colors == transparent).all(axis=2)
                samples[rows, :, channels] = np.where(is_transparent, 0, MAX_16_BIT)
    return samples


def read_16_bit_gray_alpha(image: ImageFile) -> NDArray[np.uint16]:
    """Read two samples of two bytes as four of one, which keeps all of them."""
    set_raw_mode(image, "RGBA")
    image.load()
    samples = np.asarray(image).view(">u2").astype(np.uint16)
    return np.ascontiguousarray(samples[..., [0, 0, 0, 1]])


def read_16_bit_gray(image: ImageFile) -> NDArray[np.uint16]:
    image.load()
    gray = np.asarray(image).astype(np.uint16)[..., np.newaxis]
    transparent = image.info.get("transparency")
    if transparent is None:
        return np.repeat(gray, 3, axis=2)
    opacity = np.where(gray == transparent, 0, MAX_16_BIT).astype(np.uint16)
    return np.dstack([gray, gray, gray, opacity])
