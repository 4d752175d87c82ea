"""JPEG by libjpeg-turbo's own interface: https://github.com/jfolz/simplejpeg."""

import numpy as np
from numpy.typing import NDArray
from PIL.ImageFile import ImageFile

from .errors import DecoderRefused
from .optional import import_if_installed

simplejpeg = import_if_installed("simplejpeg")


def reads(image: ImageFile) -> bool:
    """Tell whether it is a JPEG, gray or in colours that libjpeg turns into RGB itself: not CMYK."""
    return simplejpeg is not None and image.format in {"JPEG", "MPO"} and image.mode in {"L", "RGB"}


def read_pixels(content: bytes, image: ImageFile) -> NDArray[np.uint8]:
    """Read height x width x 3, RGB.

    :raises DecoderRefused: the file is corrupt, or libjpeg makes do with less than all of it.
    """
    try:
        pixels = simplejpeg.decode_jpeg(content, "RGB", strict=True)
    except ValueError as error:
        raise DecoderRefused(str(error)) from error
    if pixels.shape != (image.height, image.width, 3):
        raise DecoderRefused("it is not of the size that its header says")
    return np.asarray(pixels, np.uint8)
