"""How far apart two gray pictures (height x width, uint8) are, as one number."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from .options import MAX_GRAY


def mean_squared_error(gray1: NDArray[np.uint8], gray2: NDArray[np.uint8]) -> float:
    """Average the squared differences: 0 to 65025."""
    # OpenCV sums in floating point, off by less than a thousandth at 50 MP of white against black.
    squared_error = round(cv2.norm(gray1, gray2, cv2.NORM_L2SQR))
    return squared_error / gray1.size


def peak_signal_noise_ratio(mse: float) -> float | None:
    """Put a mean squared error on the decibel scale of 8-bit pictures; None stands for infinite."""
    return 10 * math.log10(MAX_GRAY**2 / mse) if mse else None
