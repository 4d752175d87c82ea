"""PNG by the ``png`` crate, https://github.com/image-rs/image-png, as kornia-rs brings it to Python."""

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL.ImageFile import ImageFile

from comparisons.engine.bands import split_rows

from .errors import DecoderRefused
from .optional import import_if_installed
from .pillow import find_raw_mode, scale_to_8_bit

kornia_rs = import_if_installed("kornia_rs")

# By Pillow's name for how the samples are stored: kornia's names for their channels and for what reads them.
KINDS = {
    "L": ("mono", "decode_image_png_u8"),
    "RGB": ("rgb", "decode_image_png_u8"),
    "RGBA": ("rgba", "decode_image_png_u8"),
    "I;16B": ("mono", "decode_image_png_u16"),
    "RGB;16B": ("rgb", "decode_image_png_u16"),
    "RGBA;16B": ("rgba", "decode_image_png_u16"),
}
# It holds the samples twice: of the largest pictures that is more than Pillow takes.
MAX_BYTES = 300_000_000


def reads(image: ImageFile) -> bool:
    """Tell whether it is a PNG of whole bytes, with neither a palette nor a transparent colour."""
    return (
        kornia_rs is not None
        and image.format == "PNG"
        and find_raw_mode(image) in KINDS
        and "transparency" not in image.info
        and count_bytes(image) <= MAX_BYTES
    )


def count_bytes(image: ImageFile) -> int:
    bytes_per_sample = 2 if find_raw_mode(image).endswith(";16B") else 1
    return image.width * image.height * len(image.getbands()) * bytes_per_sample


def read_pixels(content: bytes, image: ImageFile) -> NDArray[np.uint8]:
    """Read height x width x 3 or 4, RGB or RGBA.

    :raises DecoderRefused: the file is corrupt, or not what its header says.
    """
    channels, function = KINDS[find_raw_mode(image)]
    try:
        samples = getattr(kornia_rs.io, function)(content, (image.height, image.width), channels)
    # It raises nothing more specific.
    except Exception as error:
        raise DecoderRefused(str(error)) from error
    pixels = round_samples(samples) if samples.dtype == np.uint16 else samples
    if channels == "mono":
        pixels = cv2.cvtColor(pixels, cv2.COLOR_GRAY2RGB)
    return np.asarray(pixels, np.uint8)


def round_samples(samples: NDArray[np.uint16]) -> NDArray[np.uint8]:
    """Scale 16 bits to 8."""
    rounded = np.empty(samples.shape, np.uint8)
    for rows in split_rows(*samples.shape[:2]):
        rounded[rows] = scale_to_8_bit(samples[rows])
    return rounded
