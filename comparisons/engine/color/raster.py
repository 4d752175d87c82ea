"""What a decoder gives: samples, and which colours they are amounts of."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.uint8] | NDArray[np.uint16]


class ColorModel(StrEnum):
    """What the channels of the file are. Palettes are of RGB."""

    GRAY = "gray"
    RGB = "rgb"
    CMYK = "cmyk"


@dataclass(frozen=True, eq=False)
class Raster:
    """Decoded samples, not yet converted.

    ``pixels`` is height x width x 3 or 4, uint8 or uint16. Of GRAY and RGB: RGB or RGBA, gray being
    repeated. Of CMYK: cyan, magenta, yellow, black, 0 for no ink.
    """

    pixels: Samples
    model: ColorModel
