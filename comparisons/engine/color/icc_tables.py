"""The tables of ICC profiles: https://www.color.org/specification/ICC.1-2022-05.pdf, 10.10 to 10.12.

Read as browsers do, https://skia.googlesource.com/skcms, and that to the letter: L*a*b* of lut16Type
counts as in other types, so that grays get a faint tint. But inks, which browsers don't convert as their
profiles say, are what the standard makes of them.
"""

import math
import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .curves import LINEAR, Curve, SampledCurve
from .icc_curves import ProfileInvalid, read_curves
from .primaries import Matrix

VALUES = 3
LUT8_OFFSET, LUT16_OFFSET = 48, 52
MAX_CURVE_SAMPLES = 4096
# A side of two axes is within what OpenCV looks values up in: 32767.
MIN_POINTS, MAX_POINTS = 2, 181
# XYZ of 16 bits ends at this: 1 is 0x8000. And in lut16Type, the ends of L*a*b* are at 0xFF00.
XYZ_RANGE, LAB_RANGE = 0xFFFF / 0x8000, 0xFFFF / 0xFF00
INKS = 4

# By the number of bytes of a value.
TYPES = {1: ">u1", 2: ">u2"}


@dataclass(frozen=True, eq=False)
class Table:
    """From stored values, by input curves, the grid, middle curves, the matrix and output curves, to colours.

    ``grid`` is float32, 0 to 1: an axis for each channel, and one of 3 values. ``matrix`` is 3 x 4. The
    colours are (L* / 100, (a* + 128) / 255, (b* + 128) / 255) if ``is_lab``, else XYZ, seen under D50.
    """

    input_curves: tuple[Curve, ...]
    grid: NDArray[np.float32]
    middle_curves: tuple[Curve, ...]
    matrix: Matrix
    output_curves: tuple[Curve, ...]
    is_lab: bool


def read_table(tag: memoryview, channels: int, *, is_lab: bool) -> Table:
    """:raises ProfileInvalid: it is broken, or not of so many channels."""
    if tuple(tag[8:10]) != (channels, VALUES):
        raise ProfileInvalid
    match tag[:4]:
        case b"mft1":
            return read_lut(tag, 1, (256, 256), LUT8_OFFSET, is_lab=is_lab)
        case b"mft2":
            samples = struct.unpack_from(">HH", tag, LUT8_OFFSET)
            return read_lut(tag, 2, samples, LUT16_OFFSET, is_lab=is_lab)
        case b"mAB ":
            return read_a_to_b(tag, is_lab=is_lab)
    # Not multiProcessElementsType: a chain of as many steps as it likes.
    raise ProfileInvalid


def read_lut(
    tag: memoryview, value_bytes: int, samples: tuple[int, ...], offset: int, *, is_lab: bool
) -> Table:
    """Read lut8Type and lut16Type: so many samples for each input and output curve, from ``offset`` on."""
    channels, points = struct.unpack_from(">BxB", tag, 8)
    inputs, outputs = samples
    if not 2 <= min(samples) <= max(samples) <= MAX_CURVE_SAMPLES:
        raise ProfileInvalid
    shape = check_shape((points,) * channels)
    ends = np.cumsum([channels * inputs, math.prod(shape) * VALUES, VALUES * outputs]).tolist()
    values = read_values(tag, value_bytes, ends[-1], offset)
    curves, grid, output_curves = np.split(values, ends[:-1])
    return Table(
        sample_curves(curves.reshape(channels, inputs)),
        grid.reshape(*shape, VALUES),
        sample_curves(output_curves.reshape(VALUES, outputs)),
        np.eye(3, 4) * (LAB_RANGE if is_lab and value_bytes == 2 and channels == INKS else 1),
        (LINEAR,) * VALUES,
        is_lab,
    )


def read_a_to_b(tag: memoryview, *, is_lab: bool) -> Table:
    """Read lutAToBType, of which all but the output curves may be missing."""
    channels = tag[8]
    outputs, matrix, middles, grid, inputs = struct.unpack_from(">5I", tag, 12)
    if not outputs or bool(matrix) != bool(middles) or bool(grid) != bool(inputs):
        raise ProfileInvalid
    if not grid and channels != VALUES:
        raise ProfileInvalid
    return Table(
        read_curves(tag, inputs, channels) if inputs else (LINEAR,) * channels,
        read_grid(tag, grid, channels) if grid else make_identity_grid(),
        read_curves(tag, middles, VALUES) if middles else (LINEAR,) * VALUES,
        read_matrix(tag, matrix, 1 if is_lab else XYZ_RANGE) if matrix else np.eye(3, 4),
        read_curves(tag, outputs, VALUES),
        is_lab,
    )


def read_grid(tag: memoryview, offset: int, channels: int) -> NDArray[np.float32]:
    points, value_bytes = struct.unpack_from(">16sB", tag, offset)
    if value_bytes not in TYPES:
        raise ProfileInvalid
    shape = check_shape(tuple(points[:channels]))
    values = read_values(tag, value_bytes, math.prod(shape) * VALUES, offset + 20)
    return values.reshape(*shape, VALUES)


def check_shape(shape: tuple[int, ...]) -> tuple[int, ...]:
    if not MIN_POINTS <= min(shape) <= max(shape) <= MAX_POINTS:
        raise ProfileInvalid
    return shape


def read_matrix(tag: memoryview, offset: int, scale: float) -> Matrix:
    values = np.array(struct.unpack_from(">12i", tag, offset)) / 65536 * scale
    return np.column_stack([values[:9].reshape(3, 3), values[9:]])


def read_values(tag: memoryview, value_bytes: int, count: int, offset: int) -> NDArray[np.float32]:
    """Read so many values, 0 to 1."""
    if len(tag) < offset + count * value_bytes:
        raise ProfileInvalid
    values = np.frombuffer(tag, TYPES[value_bytes], count, offset)
    return values.astype(np.float32) / np.float32(np.iinfo(values.dtype).max)


def sample_curves(samples: NDArray[np.float32]) -> tuple[Curve, ...]:
    return tuple(SampledCurve(curve.astype(np.float64)) for curve in samples)


def make_identity_grid() -> NDArray[np.float32]:
    corners = np.indices((2, 2, 2), np.float32)
    return np.moveaxis(corners, 0, -1)
