"""The colours of red, green, blue and white, and the matrices that follow from them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
XY = tuple[float, float]

# http://www.brucelindbloom.com/Eqn_ChromAdapt.html
D50 = np.array([0.96422, 1, 0.82521])
BRADFORD = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)

# Of real spaces, it is a tenth and more.
SMALLEST_VOLUME = 1e-6


class PrimariesInvalid(ValueError):
    """They span no space of colours."""


@dataclass(frozen=True)
class Chromaticities:
    """CIE 1931 x and y, 0 to 1."""

    red: XY
    green: XY
    blue: XY
    white: XY


D65, C, DCI, E = (0.3127, 0.3290), (0.310, 0.316), (0.314, 0.351), (1 / 3, 1 / 3)
BT_709 = Chromaticities((0.640, 0.330), (0.300, 0.600), (0.150, 0.060), D65)
BT_2020 = Chromaticities((0.708, 0.292), (0.170, 0.797), (0.131, 0.046), D65)
BT_601 = Chromaticities((0.630, 0.340), (0.310, 0.595), (0.155, 0.070), D65)

# By ColourPrimaries: https://www.itu.int/rec/T-REC-H.273, table 2.
PRIMARIES = {
    1: BT_709,
    # BT.470 system M
    4: Chromaticities((0.67, 0.33), (0.21, 0.71), (0.14, 0.08), C),
    # BT.470 systems B and G
    5: Chromaticities((0.64, 0.33), (0.29, 0.60), (0.15, 0.06), D65),
    6: BT_601,
    # SMPTE ST 240
    7: BT_601,
    # Film
    8: Chromaticities((0.681, 0.319), (0.243, 0.692), (0.145, 0.049), C),
    9: BT_2020,
    # SMPTE ST 428-1: XYZ
    10: Chromaticities((1, 0), (0, 1), (0, 0), E),
    # SMPTE RP 431-2 and EG 432-1: P3
    11: Chromaticities((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), DCI),
    12: Chromaticities((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), D65),
    22: Chromaticities((0.630, 0.340), (0.295, 0.605), (0.155, 0.077), D65),
}


# As in the ICC profile of sRGB that is the most used: https://www.color.org/srgbprofiles.xalter.
SRGB_TO_XYZ = np.array(
    [[0.43607, 0.38515, 0.14307], [0.22249, 0.71687, 0.06061], [0.01392, 0.09708, 0.71410]]
)


def find_matrix(chromaticities: Chromaticities) -> Matrix:
    """Find what takes linear RGB to XYZ, adapted to D50.

    :raises PrimariesInvalid: they are outside 0 to 1, or on one line.
    """
    unadapted = find_unadapted_matrix(chromaticities)
    scale = (BRADFORD @ D50) / (BRADFORD @ unadapted.sum(axis=1))
    return np.asarray(np.linalg.inv(BRADFORD) @ (scale[:, np.newaxis] * BRADFORD) @ unadapted)


def find_unadapted_matrix(chromaticities: Chromaticities) -> Matrix:
    """Find what takes linear RGB to XYZ: http://www.brucelindbloom.com/Eqn_RGB_XYZ_Matrix.html.

    :raises PrimariesInvalid: they are outside 0 to 1, or on one line.
    """
    colors = (chromaticities.red, chromaticities.green, chromaticities.blue)
    values = [value for xy in (*colors, chromaticities.white) for value in xy]
    if min(values) < 0 or max(values) > 1 or not chromaticities.white[1]:
        raise PrimariesInvalid
    unscaled = np.array([to_xyz(color) for color in colors]).T
    if abs(np.linalg.det(unscaled)) < SMALLEST_VOLUME:
        raise PrimariesInvalid
    white = to_xyz(chromaticities.white) / chromaticities.white[1]
    return np.asarray(unscaled * np.linalg.solve(unscaled, white))


def to_xyz(xy: XY) -> Matrix:
    """Complete x and y to X, Y and Z, whose sum is 1."""
    x, y = xy
    return np.array([x, y, 1 - x - y])
