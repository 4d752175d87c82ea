import math

import numpy as np
from numpy.typing import NDArray

from comparisons.engine.canvas import Canvas
from comparisons.engine.method import Method
from comparisons.engine.options import MAX_GRAY


def mark_gray_differences(canvas: Canvas, threshold: float) -> NDArray[np.bool_]:
    """Mark where the 8-bit gray values lie further apart than ``threshold`` x 255."""
    mask = np.zeros((canvas.height, canvas.width), np.bool_)
    for rows in canvas.changed:
        np.greater(canvas.gray_distance[rows], math.floor(threshold * MAX_GRAY), out=mask[rows])
    return mask


def measure_gray_differences(canvas: Canvas) -> NDArray[np.float32]:
    return np.asarray(canvas.gray_distance / np.float32(MAX_GRAY))


METHOD = Method(
    summary="The gray values differ by more than threshold x 255: blind to a change of hue alone.",
    mark=mark_gray_differences,
    measure=measure_gray_differences,
    is_blind_to_color=True,
)
