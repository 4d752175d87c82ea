"""GIF: Pillow expands the codes to indices, and does nothing else; their colours are looked up here."""

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from comparisons.engine.bands import split_rows
from comparisons.engine.color import ColorModel, Raster
from comparisons.engine.containers import Container
from comparisons.engine.containers.gif import GifContainer, Reader
from comparisons.engine.errors import ImageCorrupt, ImageTruncated

from .errors import DecoderRefused
from .lzw import expand_codes

Pixels = NDArray[np.uint8]

# First row and distance of the rows that come together in an interlaced picture.
PASSES = [(0, 8), (4, 8), (2, 4), (1, 2)]


def read_raster(container: Container) -> Raster:
    """Read the first frame, without what is around it.

    :raises DecoderRefused: it is of another format.
    :raises ImageTruncated: some of its pixels are missing.
    :raises ImageCorrupt: there are codes that stand for nothing.
    """
    if not isinstance(container, GifContainer):
        raise DecoderRefused("it is no GIF")
    if not container.has_pixels:
        canvas = np.zeros((container.height, container.width, 4), np.uint8)
        return Raster(canvas, ColorModel.RGB)
    # Pillow does not let codes of one or two bits grow.
    read_indices = expand_bits if container.code_bits < 2 else expand_by_pillow
    indices, palette = read_indices(container), np.frombuffer(container.palette, np.uint32)
    height, width = indices.shape
    pixels = np.empty((height, width, 4 if container.has_alpha else 3), np.uint8)
    for rows in split_rows(height, width):
        colors = np.take(palette, indices[rows]).view(np.uint8).reshape(-1, width, 4)
        pixels[rows] = colors if container.has_alpha else cv2.cvtColor(colors, cv2.COLOR_RGBA2RGB)
    return Raster(pixels, ColorModel.RGB)


def expand_by_pillow(container: GifContainer) -> Pixels:
    """Expand the codes to height x width."""
    size = container.coded_width, container.coded_height
    args = container.code_bits, container.is_interlaced
    try:
        return np.asarray(Image.frombytes("L", size, container.content, "gif", args))
    except ValueError as error:
        if "not enough" in str(error):
            raise ImageTruncated("the image is truncated: its end is missing") from error
        raise ImageCorrupt("the image is corrupt and can't be decoded") from error


def expand_bits(container: GifContainer) -> Pixels:
    """Expand the codes to height x width, where there are one or two colours."""
    width, height = container.coded_width, container.coded_height
    codes = b"".join(Reader(container.content).read_blocks())
    expanded = expand_codes(codes, container.code_bits, width * height)
    stored = np.frombuffer(expanded, np.uint8).reshape(height, width)
    if not container.is_interlaced:
        return stored
    indices = np.empty_like(stored)
    indices[[row for first, step in PASSES for row in range(first, height, step)]] = stored
    return indices
