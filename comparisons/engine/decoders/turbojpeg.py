"""JPEG by libjpeg-turbo's own interface: https://github.com/jfolz/simplejpeg."""

import numpy as np

from comparisons.engine.color import ColorModel, Raster
from comparisons.engine.containers import Container
from comparisons.engine.containers.jpeg import JpegContainer

from .errors import DecoderRefused
from .optional import import_if_installed

simplejpeg = import_if_installed("simplejpeg")


def read_raster(container: Container) -> Raster:
    """Read a JPEG that is gray or coloured.

    :raises DecoderRefused: the file is another one, corrupt, or libjpeg makes do with less than all of it.
    """
    if (
        simplejpeg is None
        or not isinstance(container, JpegContainer)
        or container.model is ColorModel.CMYK
    ):
        raise DecoderRefused("it is not of the kinds that are read here")
    try:
        pixels = simplejpeg.decode_jpeg(container.content, "RGB", strict=True)
    except ValueError as error:
        raise DecoderRefused(str(error)) from error
    if pixels.shape != (container.height, container.width, 3):
        raise DecoderRefused("it is not of the size that its header says")
    return Raster(np.asarray(pixels, np.uint8), container.model)
