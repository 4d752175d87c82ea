"""From a TIFF's samples to colours."""

from dataclasses import dataclass

import cv2
import numpy as np

from comparisons.engine.containers.tiff.colors import Colors
from comparisons.engine.containers.tiff.tags import Photometric

from .samples import Samples

MAX_8_BIT, MAX_16_BIT = 0xFF, 0xFFFF
WIDENING = MAX_16_BIT // MAX_8_BIT


@dataclass(frozen=True, eq=False)
class Tables:
    """What samples stand for, by their value; None where it's what they are.

    ``colors`` has amounts, or the RGB of a palette. There is a place for each value of their type, as
    OpenCV wants it.
    """

    colors: Samples | None
    alpha: Samples | None
    dtype: type[np.uint8 | np.uint16]


def make_tables(colors: Colors) -> Tables:
    """Make tables of 8 bits, or of 16 where samples have more, or the colours of a palette do."""
    palette = make_palette(colors) if colors.photometric == Photometric.PALETTE else None
    is_deep = colors.bits > 8 if palette is None else palette.dtype == np.uint16
    amounts = make_amounts(colors.bits, MAX_16_BIT if is_deep else MAX_8_BIT)
    if palette is not None:
        return Tables(palette, amounts, amounts.dtype.type)
    alpha = None if colors.bits in {8, 16} else amounts
    if colors.photometric == Photometric.WHITE_IS_ZERO:
        return Tables(amounts.max() - amounts, alpha, amounts.dtype.type)
    return Tables(alpha, alpha, amounts.dtype.type)


def make_palette(colors: Colors) -> Samples:
    """Make a table of RGB: 1 x places x 3. Some programs write bytes for 16 bits; libtiff knows it, too."""
    values = np.array(colors.color_map, np.uint16).reshape(3, -1).T
    if values.max() > MAX_8_BIT and not (values % WIDENING).any():
        values //= WIDENING
    dtype = np.uint8 if values.max() <= MAX_8_BIT else np.uint16
    palette = np.zeros((1, count_places(colors.bits), 3), dtype)
    palette[0, : len(values)] = values
    return palette


def count_places(bits: int) -> int:
    return (MAX_8_BIT if bits <= 8 else MAX_16_BIT) + 1


def make_amounts(bits: int, highest: int) -> Samples:
    """Bring samples of so many bits to 0 for none, and the highest of 8 or 16 bits for all."""
    last = (1 << bits) - 1
    samples = np.minimum(np.arange(count_places(bits), dtype=np.uint64), last)
    amounts = (samples * highest + last // 2) // last
    return amounts.astype(np.uint8 if highest == MAX_8_BIT else np.uint16)


def find_colors(samples: Samples, colors: Colors, tables: Tables) -> Samples:
    """Find the colours of height x width x samples, of which alpha is the last, as a raster has them."""
    if colors.count > 1:
        found = look_up(samples, tables.colors)
    else:
        found = find_rgb(samples[..., 0], colors, tables)
        if colors.alpha is not None:
            found = np.dstack([found, look_up(samples[..., 1], tables.alpha)])
    return divide_by_alpha(found) if colors.is_premultiplied else found


def find_rgb(samples: Samples, colors: Colors, tables: Tables) -> Samples:
    if colors.photometric == Photometric.PALETTE:
        return look_up(cv2.cvtColor(samples, cv2.COLOR_GRAY2RGB), tables.colors)
    return np.asarray(cv2.cvtColor(look_up(samples, tables.colors), cv2.COLOR_GRAY2RGB))


def look_up(samples: Samples, table: Samples | None) -> Samples:
    samples = np.ascontiguousarray(samples)
    return samples if table is None else np.asarray(cv2.LUT(samples, table))


def divide_by_alpha(pixels: Samples) -> Samples:
    """Undo that the colours of height x width x 4 were multiplied by their opacity."""
    highest = np.iinfo(pixels.dtype).max
    alpha = pixels[..., 3:].astype(np.uint32)
    whole = (pixels[..., :3].astype(np.uint32) * highest + alpha // 2) // np.maximum(alpha, 1)
    return np.dstack([np.minimum(whole, highest).astype(pixels.dtype), pixels[..., 3]])
