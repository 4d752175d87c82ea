"""BMP whose pixels are in rows, by numpy: it takes the memory of the pixels, and of a few bands."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from comparisons.engine.bands import split_rows
from comparisons.engine.color import ColorModel, Raster
from comparisons.engine.containers import Container
from comparisons.engine.containers.bmp import BmpContainer, Masks
from comparisons.engine.errors import ImageTruncated
from comparisons.engine.options import MAX_GRAY

from .errors import DecoderRefused

Pixels = NDArray[np.uint8]
# Four bytes each, RGBA.
Colors = NDArray[np.uint32]
Samples = NDArray[np.uint16] | NDArray[np.uint32]


def read_raster(container: Container) -> Raster:
    """Read the rows.

    Alpha that is 0 in all pixels is none: some programs leave it so.

    :raises DecoderRefused: the pixels are in runs.
    :raises ImageTruncated: the file ends before they do.
    """
    if not isinstance(container, BmpContainer) or container.has_runs:
        raise DecoderRefused("the pixels are not in rows")
    stored, read_band = find_rows(container), choose_reader(container)
    channels = 4 if container.has_alpha else 3
    pixels = np.empty((container.height, container.width, channels), np.uint8)
    in_order = pixels[::-1] if container.is_bottom_up else pixels
    for rows in split_rows(container.height, container.width):
        in_order[rows] = read_band(stored[rows])
    if container.has_alpha and not pixels[..., 3].any():
        pixels[..., 3] = MAX_GRAY
    return Raster(pixels, ColorModel.RGB)


def find_rows(container: BmpContainer) -> Pixels:
    """View height x bytes: each row without its padding, which may be missing behind the last one.

    :raises ImageTruncated: the file ends before they do.
    """
    row_bytes = (container.width * container.depth + 7) // 8
    distance = (row_bytes + 3) // 4 * 4
    stored = np.frombuffer(container.content, np.uint8)[container.pixels_at :]
    if stored.size < (container.height - 1) * distance + row_bytes:
        raise ImageTruncated("the image is truncated: its end is missing")
    return as_strided(stored, (container.height, row_bytes), (distance, 1), writeable=False)


def choose_reader(container: BmpContainer) -> Callable[[Pixels], Pixels]:
    """Choose what makes rows x width x 3 or 4, RGB or RGBA, of rows x bytes."""
    if container.depth == 24:
        return read_colors
    if masks := container.masks:
        sample = f"<u{container.depth // 8}"
        return lambda stored: read_masked(stored.view(sample), masks)
    table = make_table(container.palette, container.depth)
    return lambda stored: look_up(stored, table, container.width)


def read_colors(stored: Pixels) -> Pixels:
    colors = stored.reshape(len(stored), -1, 3)
    return np.asarray(cv2.cvtColor(colors, cv2.COLOR_BGR2RGB), np.uint8)


def read_masked(samples: Samples, masks: Masks) -> Pixels:
    channels = masks if masks[3] else masks[:3]
    return np.asarray(cv2.merge([extract(samples, mask) for mask in channels]), np.uint8)


def extract(samples: Samples, mask: int) -> Pixels:
    """Scale the bits of a mask to 0 to 255; of more than 8 of them, take the highest."""
    bits, shift = mask.bit_count(), max(0, (mask & -mask).bit_length() - 1)
    if bits >= 8:
        return (samples >> (shift + bits - 8)).astype(np.uint8)
    highest = max(1, (1 << bits) - 1)
    scaled = np.rint(np.arange(1 << bits) * MAX_GRAY / highest).astype(np.uint8)
    return np.take(scaled, (samples & mask) >> shift)


def make_table(palette: bytes, depth: int) -> Colors:
    """List the colours of the pixels in each byte: 256 x pixels."""
    shifts = np.arange(8 - depth, -1, -depth)
    indices = np.arange(256)[:, np.newaxis] >> shifts & (1 << depth) - 1
    return np.asarray(np.frombuffer(palette, np.uint32)[indices], np.uint32)


def look_up(stored: Pixels, table: Colors, width: int) -> Pixels:
    """The last byte of a row may hold pixels that are none."""
    colors = np.take(table, stored, axis=0).reshape(len(stored), -1)[:, :width]
    pixels = np.ascontiguousarray(colors).view(np.uint8).reshape(len(stored), width, 4)
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGBA2RGB), np.uint8)
