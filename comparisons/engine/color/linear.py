"""Colours of curves and a matrix: to linear light by table, to sRGB's primaries by matrix, on by table.

All of it is OpenCV's, band by band: a third of the time that Little CMS takes, and as exact for 16 bits.
"""

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from comparisons.engine.bands import cut_pixels

from .curves import LINEAR, Curve, encode_srgb
from .primaries import SRGB_TO_XYZ, Matrix
from .raster import Samples

Depth = np.dtype[np.uint8] | np.dtype[np.uint16]

MAX_16_BIT = 0xFFFF

# No space that is meant has larger ones; with this, no product exceeds what OpenCV can round.
MAX_FACTOR = 200


def convert_linear(
    pixels: Samples, curves: tuple[Curve, Curve, Curve], to_xyz: Matrix
) -> NDArray[np.uint8]:
    """Convert height x width x 3 or 4, RGB or RGBA, to sRGB's 8 bits; opacity is rounded only."""
    channels = pixels.shape[2]
    tables = make_curve_tables((*curves, LINEAR)[:channels], pixels.dtype)
    matrix = np.eye(channels)
    matrix[:3, :3] = np.linalg.inv(SRGB_TO_XYZ) @ to_xyz
    factors = limit_factors(matrix)
    encoded = make_encoding_tables(channels)
    converted = np.empty(pixels.shape, np.uint8)
    for stored, shown in cut_pixels(pixels, converted):
        light = cv2.transform(cv2.LUT(stored, tables), factors)
        shown[:] = cv2.LUT(round_to_16_bit(light), encoded)
    return converted


def convert_gray(pixels: Samples, curve: Curve) -> NDArray[np.uint8]:
    """Convert height x width x 3 or 4, of which three are the same gray."""
    light = make_curve_tables((curve,), pixels.dtype)
    return map_values(pixels, round_to_8_bit(encode_srgb(light.ravel().astype(np.float64))))


def reduce_depth(pixels: Samples) -> NDArray[np.uint8]:
    """Round 16 bits to 8; 8 bits come back as they are."""
    if pixels.dtype == np.uint8:
        return np.asarray(pixels, np.uint8)
    return map_values(pixels, make_rounding_table(pixels.dtype))


def cut_depth(pixels: Samples) -> NDArray[np.uint8]:
    """Drop the low bytes of 16 bits; 8 bits come back as they are."""
    if pixels.dtype == np.uint8:
        return np.asarray(pixels, np.uint8)
    high = np.empty(pixels.shape, np.uint8)
    np.right_shift(pixels, 8, out=high, casting="unsafe")
    return high


def map_values(pixels: Samples, table: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Look every colour up in ``table``, uint8 of as many values as there are; opacity is rounded."""
    tables = [table] * 3 + [make_rounding_table(pixels.dtype)]
    stacked = np.stack(tables[: pixels.shape[2]], axis=-1)[np.newaxis]
    mapped = np.empty(pixels.shape, np.uint8)
    for stored, shown in cut_pixels(pixels, mapped):
        shown[:] = cv2.LUT(stored, stacked)
    return mapped


def make_curve_tables(curves: tuple[Curve, ...], dtype: Depth) -> NDArray[np.float32]:
    """Make 1 x values x curves, float32: what the curves make of each stored value."""
    highest = np.iinfo(dtype).max
    stored = np.arange(highest + 1) / highest
    light = np.stack([curve.evaluate(stored) for curve in curves], axis=-1)[np.newaxis]
    return light.astype(np.float32)


@lru_cache
def make_encoding_tables(channels: int) -> NDArray[np.uint8]:
    """Make 1 x 65536 x channels, uint8: sRGB's values by linear light, and opacity's."""
    color = round_to_8_bit(encode_srgb(np.arange(MAX_16_BIT + 1) / MAX_16_BIT))
    tables = [color] * 3 + [make_rounding_table(np.dtype(np.uint16))]
    return np.stack(tables[:channels], axis=-1)[np.newaxis]


def make_rounding_table(dtype: Depth) -> NDArray[np.uint8]:
    highest = np.iinfo(dtype).max
    return round_to_8_bit(np.arange(highest + 1) / highest)


def round_to_8_bit(values: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Round 0 to 1 to 0 to 255, and what is beyond to the ends."""
    return np.asarray(np.clip(values, 0, 1) * 255 + 0.5, np.uint8)


def round_to_16_bit(
    values: cv2.typing.MatLike, least: float = 0, greatest: float = 1
) -> cv2.typing.MatLike:
    """Round from ``least`` to ``greatest`` to 0 to 65535, and what is beyond to the ends."""
    scale = MAX_16_BIT / (greatest - least)
    # The fastest that OpenCV has for it.
    return cv2.addWeighted(values, scale, values, 0, -least * scale, dtype=cv2.CV_16U)


def limit_factors(matrix: Matrix) -> NDArray[np.float32]:
    return np.clip(matrix, -MAX_FACTOR, MAX_FACTOR).astype(np.float32)


def convert_inks(inks: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Convert CMYK, height x width x 4, to RGB: each ink, and black, lets the rest of the light through."""
    converted = np.empty((*inks.shape[:2], 3), np.uint8)
    for stored, shown in cut_pixels(inks, converted):
        light = cv2.bitwise_not(stored)
        black = cv2.cvtColor(cv2.extractChannel(light, 3), cv2.COLOR_GRAY2RGB)
        shown[:] = cv2.multiply(cv2.cvtColor(light, cv2.COLOR_RGBA2RGB), black, scale=1 / 255)
    return converted
