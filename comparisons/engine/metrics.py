"""How far apart two pictures are, as one number. Ignored pixels don't count."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from .canvas import Canvas
from .options import MAX_GRAY
from .similarity import RADIUS


def mean_squared_error(canvas: Canvas) -> float:
    """Average the squared differences of the gray values: 0 to 65025; 0 if every pixel is ignored."""
    counted = None if canvas.ignored is None else (~canvas.ignored).view(np.uint8)
    squared_error = 0
    for rows in canvas.changed:
        counted_here = None if counted is None else counted[rows]
        # OpenCV sums in floating point, off by far less than 1 for a band.
        squared_error += round(cv2.norm(canvas.gray_distance[rows], cv2.NORM_L2SQR, counted_here))
    count = canvas.width * canvas.height if counted is None else cv2.countNonZero(counted)
    return squared_error / count if count else 0.0


def peak_signal_noise_ratio(mse: float) -> float | None:
    """Put a mean squared error on the decibel scale of 8-bit pictures; None stands for infinite."""
    return 10 * math.log10(MAX_GRAY**2 / mse) if mse else None


def mean_similarity(
    dissimilarity: NDArray[np.float32], ignored: NDArray[np.bool_] | None = None
) -> float:
    """Average the local SSIM over the pixels whose whole window is in the picture.

    ``dissimilarity`` is 1 - SSIM, height x width, and 0 at ignored pixels. Where there is no such pixel,
    because a side is shorter than the window or all of them are ignored, all pixels' windows count,
    completed by mirroring; where every pixel is ignored, nothing differs: 1.
    """
    whole = (slice(RADIUS, -RADIUS), slice(RADIUS, -RADIUS))
    for part in (whole, (slice(None), slice(None))):
        values = dissimilarity[part]
        count = values.size - (0 if ignored is None else np.count_nonzero(ignored[part]))
        if count:
            row_sums = cv2.reduce(values, 1, cv2.REDUCE_SUM, dtype=cv2.CV_64F)
            return 1 - float(row_sums.sum()) / count
    return 1.0
