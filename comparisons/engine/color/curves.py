"""Curves: of stored values to linear light, both 0 to 1, and of whatever else profiles have them for."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

# Curves of hostile profiles go anywhere. This is beyond any that is meant.
LIMIT = 16


@dataclass(frozen=True)
class ParametricCurve:
    """(a x + b) ^ g + e from d on, and c x + f below it.

    https://www.color.org/specification/ICC.1-2022-05.pdf, 10.18 parametricCurveType, type 4
    """

    g: float
    a: float = 1
    b: float = 0
    c: float = 0
    d: float = 0
    e: float = 0
    f: float = 0

    def evaluate(self, values: Values) -> Values:
        base = np.maximum(self.a * values + self.b, 0)
        with np.errstate(over="ignore"):
            # 0 stays 0, even to the power of 0.
            power = np.power(base, self.g, out=np.zeros_like(base), where=base > 0) + self.e
        return np.clip(np.where(values < self.d, self.c * values + self.f, power), -LIMIT, LIMIT)


@dataclass(frozen=True, eq=False)
class SampledCurve:
    """``samples`` of values 0 to 1, at equal distances, with straight lines between them."""

    samples: Values

    def evaluate(self, values: Values) -> Values:
        return np.interp(values, np.linspace(0, 1, len(self.samples)), self.samples)


@dataclass(frozen=True, eq=False)
class RoundedCurve:
    """Another curve, whose light is rounded to what sRGB has values of 8 bits for."""

    curve: ParametricCurve | SampledCurve

    def evaluate(self, values: Values) -> Values:
        encoded = encode_srgb(np.clip(self.curve.evaluate(values), 0, 1))
        return SRGB.evaluate(np.rint(encoded * 255) / 255)


class HdrTransfer(StrEnum):
    """Curves whose white isn't the brightest: https://www.itu.int/rec/R-REC-BT.2100."""

    PQ = "pq"
    HLG = "hlg"


Curve = ParametricCurve | SampledCurve | RoundedCurve

LINEAR = ParametricCurve(1)

# IEC 61966-2-1
SRGB = ParametricCurve(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
# What browsers take for the curve of all video: a display's, not a camera's. https://www.itu.int/rec/R-REC-BT.1886
BT_1886 = ParametricCurve(2.4)

# By TransferCharacteristics: https://www.itu.int/rec/T-REC-H.273, table 3.
TRANSFERS: dict[int, ParametricCurve | HdrTransfer] = {
    1: BT_1886,
    4: ParametricCurve(2.2),
    5: ParametricCurve(2.8),
    6: BT_1886,
    # SMPTE ST 240
    7: ParametricCurve(1 / 0.45, 1 / 1.1115, 0.1115 / 1.1115, 1 / 4, 0.0913),
    8: LINEAR,
    # IEC 61966-2-4, which differs below black only
    11: BT_1886,
    13: SRGB,
    # BT.2020, 10 and 12 bits
    14: BT_1886,
    15: BT_1886,
    16: HdrTransfer.PQ,
    # SMPTE ST 428-1
    17: ParametricCurve(2.6, (52.37 / 48) ** (1 / 2.6)),
    18: HdrTransfer.HLG,
}


def encode_srgb(light: Values) -> Values:
    """Convert linear light to sRGB's values, both 0 to 1: IEC 61966-2-1."""
    return np.where(
        light <= 0.0031308, 12.92 * light, 1.055 * np.maximum(light, 0) ** (1 / 2.4) - 0.055
    )
