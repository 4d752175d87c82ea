"""Colours by a profile's table, for stored values of 8 and 16 bits alike."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from comparisons.engine.bands import cut_pixels

from .curves import Curve
from .grid import interpolate, lay_out
from .icc_tables import Table
from .linear import (
    MAX_16_BIT,
    limit_factors,
    make_curve_tables,
    make_encoding_tables,
    make_rounding_table,
    round_to_16_bit,
)
from .primaries import SRGB_TO_XYZ, Matrix
from .raster import Samples

Colors = cv2.typing.MatLike
Step = Callable[[Colors], Colors]

# Of the connection space: https://www.color.org/specification/ICC.1-2022-05.pdf, 7.2.16
D50 = np.array([0.9642, 1, 0.8249])

# From L*, a* and b*, as tables have them, to the cube roots of X, Y and Z by white's: CIE 15, 8.2.1.
LAB_TO_ROOTS = np.array(
    [
        [100 / 116, 255 / 500, 0, 16 / 116 - 128 / 500],
        [100 / 116, 0, 0, 16 / 116],
        [100 / 116, 0, -255 / 200, 16 / 116 + 128 / 200],
    ]
)
# All roots are between the first two. Below the last, a straight line goes on from the curve.
LEAST_ROOT, GREATEST_ROOT, DARK_ROOT = -1, 2, 24 / 116


def convert_by_table(pixels: Samples, table: Table) -> NDArray[np.uint8]:
    """Convert height x width x 3 or 4 to sRGB's 8 bits; a gray is stored three times.

    The fourth channel is opacity, which is rounded only, unless the table takes it too.
    """
    channels = len(table.input_curves)
    colors_end = max(channels, 3)
    picture, points = lay_out(table.grid)
    positions = make_position_tables(table, pixels.dtype)
    steps = make_steps(table)
    encoded, rounded = make_encoding_tables(3), make_rounding_table(pixels.dtype)
    height, width, stored_channels = pixels.shape
    converted = np.empty((height, width, 3 + stored_channels - colors_end), np.uint8)
    for stored, shown in cut_pixels(pixels, converted):
        planes = cv2.split(stored[..., :colors_end])
        along = [
            np.asarray(cv2.LUT(plane, position), np.float32)
            for plane, position in zip(planes, positions, strict=False)
        ]
        colors = interpolate(picture, points, along)
        for step in steps:
            colors = step(colors)
        shown[..., :3] = cv2.LUT(round_to_16_bit(colors), encoded)
        shown[..., 3:] = rounded[stored[..., colors_end:]]
    return converted


def make_position_tables(table: Table, depth: np.dtype) -> list[NDArray[np.float32]]:
    """Make float32 for each channel: where each stored value is along its axis of the grid, in points."""
    return [
        np.clip(make_curve_tables((curve,), depth), 0, 1) * np.float32(points - 1)
        for curve, points in zip(table.input_curves, table.grid.shape[:-1], strict=True)
    ]


def make_steps(table: Table) -> list[Step]:
    """Make what takes the grid's values to linear light of sRGB."""
    from_xyz = np.linalg.inv(SRGB_TO_XYZ)
    last = [transform(LAB_TO_ROOTS), cube(), transform(from_xyz * D50)]
    return [
        *bend(table.middle_curves),
        transform(table.matrix),
        *bend(table.output_curves),
        *(last if table.is_lab else [transform(from_xyz)]),
    ]


def bend(curves: tuple[Curve, ...]) -> list[Step]:
    """Apply a curve to each channel, unless all of them are straight."""
    values = np.linspace(0, 1, 256)
    if all(np.abs(curve.evaluate(values) - values).max() < 1e-5 for curve in curves):
        return []
    tables = make_curve_tables(curves, np.dtype(np.uint16))
    return [lambda colors: cv2.LUT(round_to_16_bit(colors), tables)]


def transform(matrix: Matrix) -> Step:
    factors = limit_factors(matrix)
    return lambda colors: cv2.transform(colors, factors)


def cube() -> Step:
    """Find X, Y and Z by white's from their cube roots: CIE 15, 8.2.1."""
    span = GREATEST_ROOT - LEAST_ROOT
    roots = LEAST_ROOT + span * np.arange(MAX_16_BIT + 1) / MAX_16_BIT
    line = (roots - 16 / 116) * 3 * DARK_ROOT**2
    cubes = np.where(roots > DARK_ROOT, roots**3, line).astype(np.float32)
    return lambda colors: cv2.LUT(round_to_16_bit(colors, LEAST_ROOT, GREATEST_ROOT), cubes)
