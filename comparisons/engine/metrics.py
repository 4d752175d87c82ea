"""How far apart two pictures are, as one number. Ignored pixels (bool, None for none) don't count."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from .options import MAX_GRAY
from .similarity import RADIUS


def mean_squared_error(
    gray1: NDArray[np.uint8], gray2: NDArray[np.uint8], ignored: NDArray[np.bool_] | None = None
) -> float:
    """Average the squared differences of two gray pictures (height x width): 0 to 65025.

    0 if every pixel is ignored.
    """
    counted = None if ignored is None else (~ignored).view(np.uint8)
    # OpenCV sums in floating point, off by less than a thousandth at 50 MP of white against black.
    squared_error = round(cv2.norm(gray1, gray2, cv2.NORM_L2SQR, counted))
    count = gray1.size if counted is None else np.count_nonzero(counted)
    return squared_error / count if count else 0.0


def peak_signal_noise_ratio(mse: float) -> float | None:
    """Put a mean squared error on the decibel scale of 8-bit pictures; None stands for infinite."""
    return 10 * math.log10(MAX_GRAY**2 / mse) if mse else None


def mean_similarity(
    similarity: NDArray[np.float32], ignored: NDArray[np.bool_] | None = None
) -> float:
    """Average the local SSIM (height x width) over the pixels whose whole window is in the picture.

    Where that leaves none, because a side is shorter than the window or all of them are ignored, all
    pixels' windows count, completed by mirroring; where every pixel is ignored, nothing differs: 1.
    """
    whole = (slice(RADIUS, -RADIUS), slice(RADIUS, -RADIUS))
    for part in (whole, (slice(None), slice(None))):
        values = similarity[part]
        if ignored is not None:
            values = values[~ignored[part]]
        if values.size:
            return float(values.mean(dtype=np.float64))
    return 1.0
