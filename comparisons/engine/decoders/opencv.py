"""WebP by libwebp, as OpenCV calls it: into the pixels' own memory."""

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL.ImageFile import ImageFile
from PIL.WebPImagePlugin import WebPImageFile

from comparisons.engine.bands import split_rows

from .errors import DecoderRefused

# By Pillow's name for the channels. Only three of them come in the order that is wanted.
FLAGS = {
    "RGB": cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION,
    "RGBA": cv2.IMREAD_UNCHANGED,
}


def reads(image: ImageFile) -> bool:
    """Tell whether it is a WebP, and no animation."""
    return isinstance(image, WebPImageFile) and not image.is_animated


def read_pixels(content: bytes, image: ImageFile) -> NDArray[np.uint8]:
    """Read height x width x 3 or 4, RGB or RGBA.

    :raises DecoderRefused: the file is corrupt, or not what its header says.
    """
    try:
        pixels = cv2.imdecode(np.frombuffer(content, np.uint8), FLAGS[image.mode])
    except cv2.error as error:
        raise DecoderRefused(str(error)) from error
    if pixels is None or pixels.shape != (image.height, image.width, len(image.mode)):
        raise DecoderRefused("it is corrupt, or not of the size that its header says")
    if image.mode == "RGBA":
        for rows in split_rows(image.height, image.width):
            pixels[rows] = cv2.cvtColor(pixels[rows], cv2.COLOR_BGRA2RGBA)
    return np.asarray(pixels, np.uint8)
