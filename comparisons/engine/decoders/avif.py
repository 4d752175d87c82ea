"""AVIF by libavif: HDR as OpenCV calls it, which gives all bits, and all else as Pillow does.

Browsers too make 8 bits of 10 and 12, before they convert colours, unless it is HDR. Pillow's libavif
decodes by dav1d, in half the time that OpenCV's takes by libaom.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import cv2
import numpy as np
from numpy.typing import NDArray

from comparisons.engine.bands import split_rows
from comparisons.engine.color import Raster
from comparisons.engine.containers import Container
from comparisons.engine.containers.avif import AvifContainer
from comparisons.engine.errors import ImageCorrupt, ImageUnsupported

from . import pillow

TO_RGB = {3: cv2.COLOR_BGR2RGB, 4: cv2.COLOR_BGRA2RGBA}
SAMPLE_BITS = 16


def read_raster(container: Container) -> Raster:
    """Read any AVIF: its RGB, whichever way that is coded.

    :raises DecodeError: the leaf that says what is wrong with it.
    """
    if isinstance(container, AvifContainer) and container.has_deep_colors:
        return Raster(read_deep_colors(container), container.model)
    with pillow.opening(container) as image, naming_what_is_unsupported():
        return Raster(pillow.read_8_bit(image), container.model)


@contextmanager
def naming_what_is_unsupported() -> Iterator[None]:
    """:raises ImageUnsupported: libavif has decoded the picture, and can't make RGB of it."""
    try:
        yield
    except RuntimeError as error:
        if "Conversion" in str(error):
            raise ImageUnsupported(
                "AVIF with this colour coding is not supported; export it as PNG"
            ) from error
        raise


def read_deep_colors(container: AvifContainer) -> NDArray[np.uint16]:
    """Read height x width x 3 or 4, RGB or RGBA, 16 bits."""
    content = np.frombuffer(container.content, np.uint8)
    try:
        pixels = cv2.imdecode(content, cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION)
    except cv2.error as error:
        if "memory" in str(error).lower():
            raise ImageUnsupported("the image takes more memory to decode than there is") from error
        raise ImageCorrupt("the image is corrupt and can't be decoded") from error
    size = container.coded_height, container.coded_width
    if pixels is None or pixels.shape[:2] != size or pixels.dtype != np.uint16:
        raise ImageCorrupt("the image is corrupt and can't be decoded")
    missing_bits = SAMPLE_BITS - container.depth
    for rows in split_rows(*size):
        band = np.asarray(cv2.cvtColor(pixels[rows], TO_RGB[pixels.shape[2]]), np.uint16)
        pixels[rows] = band << missing_bits | band >> container.depth - missing_bits
    return np.asarray(pixels, np.uint16)
