"""TIFF: samples by libtiff, or as they are, and their meaning by the specification.

https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf
"""

import numpy as np

from comparisons.engine.bands import BAND_PIXELS, split_rows
from comparisons.engine.color import Raster
from comparisons.engine.containers import Container
from comparisons.engine.containers.tiff import TiffContainer
from comparisons.engine.decoders.errors import DecoderRefused

from .colors import find_colors, make_tables
from .planes import open_planes
from .samples import Samples


def read_raster(container: Container) -> Raster:
    """Read the first page: of 16 bits where samples have more than 8, and of palettes.

    :raises DecoderRefused: it's no TIFF.
    :raises ImageTruncated: some of it is beyond the end of the file.
    :raises ImageCorrupt: it can't be decompressed.
    """
    if not isinstance(container, TiffContainer):
        raise DecoderRefused("it is no TIFF")
    colors, tables = container.colors, make_tables(container.colors)
    read_rows = open_planes(container)
    channels = max(colors.count, 3) + (colors.alpha is not None)
    shape = container.height, container.width, channels
    pixels: Samples = np.empty(shape, tables.dtype)
    for rows in split_rows(container.height, container.width):
        samples = read_rows(rows)
        # A single row may be the whole picture.
        for left in range(0, container.width, BAND_PIXELS):
            part = slice(left, left + BAND_PIXELS)
            pixels[rows, part] = find_colors(samples[:, part], colors, tables)
    return Raster(pixels, container.model)
