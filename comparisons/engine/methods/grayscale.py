import cv2
import numpy as np
from numpy.typing import NDArray

from comparisons.engine.canvas import Canvas
from comparisons.engine.method import Method
from comparisons.engine.options import MAX_GRAY


def mark_gray_differences(canvas: Canvas, threshold: float) -> NDArray[np.bool_]:
    """Mark where the 8-bit gray values lie further apart than ``threshold`` x 255."""
    return np.asarray(cv2.absdiff(canvas.gray1, canvas.gray2) > threshold * MAX_GRAY)


def measure_gray_differences(canvas: Canvas) -> NDArray[np.float32]:
    return np.asarray(cv2.absdiff(canvas.gray1, canvas.gray2) / np.float32(MAX_GRAY))


METHOD = Method(
    summary="The gray values differ by more than threshold x 255: blind to a change of hue alone.",
    mark=mark_gray_differences,
    measure=measure_gray_differences,
)
