"""WebP by libwebp, as OpenCV calls it: into the pixels' own memory."""

import cv2
import numpy as np

from comparisons.engine.bands import cut_pixels
from comparisons.engine.color import Raster
from comparisons.engine.containers import Container
from comparisons.engine.containers.webp import WebpContainer

from .errors import DecoderRefused

# Only opaque colours come in the order that is wanted; to change it takes a fifth of the time.
OPAQUE = cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION
ANY = cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION
TO_RGB = {3: cv2.COLOR_BGR2RGB, 4: cv2.COLOR_BGRA2RGBA}


def read_raster(container: Container) -> Raster:
    """Read a WebP that is no animation.

    :raises DecoderRefused: the file is another one, corrupt, or not what its header says.
    """
    if not isinstance(container, WebpContainer) or container.is_animated:
        raise DecoderRefused("it is not of the kinds that are read here")
    content = np.frombuffer(container.content, np.uint8)
    try:
        pixels = cv2.imdecode(content, OPAQUE if container.is_opaque else ANY)
    except cv2.error as error:
        raise DecoderRefused(str(error)) from error
    if pixels is None or pixels.shape[:2] != (container.height, container.width):
        raise DecoderRefused("it is corrupt, or not of the size that its header says")
    if not container.is_opaque:
        for (piece,) in cut_pixels(pixels):
            piece[:] = cv2.cvtColor(piece, TO_RGB[pixels.shape[2]])
    return Raster(np.asarray(pixels, np.uint8), container.model)
