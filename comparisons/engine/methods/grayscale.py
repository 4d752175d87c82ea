import cv2
import numpy as np
from numpy.typing import NDArray

from comparisons.engine.fit import Canvas
from comparisons.engine.options import MAX_GRAY


def mark_gray_differences(canvas: Canvas, threshold: float) -> NDArray[np.bool_]:
    """Mark where the 8-bit gray values lie further apart than ``threshold`` x 255."""
    return np.asarray(cv2.absdiff(canvas.gray1, canvas.gray2) > threshold * MAX_GRAY)
