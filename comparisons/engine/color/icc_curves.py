"""The curves of ICC profiles: https://www.color.org/specification/ICC.1-2022-05.pdf, 10.6 and 10.18."""

import struct

import numpy as np

from .curves import LINEAR, ParametricCurve, SampledCurve

# No more than there are values of 16 bits.
MAX_SAMPLES = 65536

# How many parameters a parametricCurveType of each kind has.
PARAMETERS = (1, 3, 4, 5, 7)


class ProfileInvalid(Exception):
    """No browser reads it."""


def read_curve(tag: memoryview) -> ParametricCurve | SampledCurve:
    """:raises ProfileInvalid: it is broken, or goes nowhere."""
    match tag[:4]:
        case b"para":
            return read_parametric(tag)
        case b"curv":
            return read_sampled(tag)
    raise ProfileInvalid


def read_curves(
    tag: memoryview, offset: int, count: int
) -> tuple[ParametricCurve | SampledCurve, ...]:
    """Read curves that follow each other, each from a multiple of four bytes on.

    :raises ProfileInvalid: one of them is broken.
    """
    curves = []
    for _ in range(count):
        curve = tag[offset : offset + 12 + 2 * MAX_SAMPLES]
        curves.append(read_curve(curve))
        offset += (measure_curve(curve) + 3) // 4 * 4
    return tuple(curves)


def measure_curve(tag: memoryview) -> int:
    """Count the bytes of a curve that has been read."""
    if bytes(tag[:4]) == b"para":
        return 12 + 4 * PARAMETERS[struct.unpack_from(">H", tag, 8)[0]]
    return int(12 + 2 * struct.unpack_from(">I", tag, 8)[0])


def read_parametric(tag: memoryview) -> ParametricCurve:
    (kind,) = struct.unpack_from(">H", tag, 8)
    if kind >= len(PARAMETERS):
        raise ProfileInvalid
    g, *rest = (value / 65536 for value in struct.unpack_from(f">{PARAMETERS[kind]}i", tag, 12))
    if kind in {1, 2}:
        a, b, e = (*rest, 0.0)[:3]
        if not a:
            raise ProfileInvalid
        curve = ParametricCurve(g, a, b, 0, -b / a, e, e)
    else:
        curve = ParametricCurve(g, *rest)
    # As browsers have it: a power of no negative number, but for rounding.
    if min(g, curve.a, curve.c, curve.d) < 0 or curve.a * curve.d + curve.b < -1e-6:
        raise ProfileInvalid
    return curve


def read_sampled(tag: memoryview) -> ParametricCurve | SampledCurve:
    (count,) = struct.unpack_from(">I", tag, 8)
    if count == 0:
        return LINEAR
    if count == 1:
        return ParametricCurve(struct.unpack_from(">H", tag, 12)[0] / 256)
    if count > MAX_SAMPLES or len(tag) < 12 + 2 * count:
        raise ProfileInvalid
    return SampledCurve(np.frombuffer(tag, ">u2", count, 12) / 65535)
