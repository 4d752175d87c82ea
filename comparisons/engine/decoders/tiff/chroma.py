"""YCbCr to RGB: https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf, section 21."""

import numpy as np
from numpy.typing import NDArray

from comparisons.engine.bands import BAND_PIXELS
from comparisons.engine.containers.tiff.chroma import Chroma

Bytes = NDArray[np.uint8]

HIGHEST, HIGHEST_CHROMA = 255, 127


def spread_blocks(blocks: Bytes, chroma: Chroma) -> Bytes:
    """Take rows x tiles x columns x bytes of blocks apart: rows x tiles x columns x 3, of pixels.

    A block has the Y of its pixels, row by row, then the Cb and the Cr that they share.
    """
    rows, tiles, columns, _ = blocks.shape
    luma = blocks[..., :-2].reshape(rows, tiles, columns, chroma.rows, chroma.columns)
    spread = np.empty((rows, chroma.rows, tiles, columns, chroma.columns, 3), np.uint8)
    spread[..., 0] = luma.transpose(0, 3, 1, 2, 4)
    spread[..., 1:] = blocks[:, np.newaxis, :, :, np.newaxis, -2:]
    return spread.reshape(rows * chroma.rows, tiles, columns * chroma.columns, 3)


def convert_to_rgb(pixels: Bytes, chroma: Chroma) -> Bytes:
    """Convert height x width x 3: Y, Cb and Cr."""
    rgb = np.empty_like(pixels)
    # A single row may be the whole picture.
    for left in range(0, pixels.shape[1], BAND_PIXELS):
        part = slice(left, left + BAND_PIXELS)
        rgb[:, part] = convert_part(pixels[:, part], chroma)
    return rgb


def convert_part(pixels: Bytes, chroma: Chroma) -> Bytes:
    ranges = np.array(chroma.ranges, np.float32).reshape(3, 2)
    lowest, highest = ranges.T
    scale = np.array([HIGHEST, HIGHEST_CHROMA, HIGHEST_CHROMA], np.float32) / (highest - lowest)
    y, cb, cr = np.moveaxis((pixels - lowest) * scale, -1, 0)
    red_weight, green_weight, blue_weight = chroma.luma
    red = y + cr * (2 - 2 * red_weight)
    blue = y + cb * (2 - 2 * blue_weight)
    green = (y - red * red_weight - blue * blue_weight) / green_weight
    rgb = np.rint(np.stack([red, green, blue], axis=-1))
    return np.asarray(np.clip(rgb, 0, HIGHEST), np.uint8)
