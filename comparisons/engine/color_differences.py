import math
from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from .canvas import Canvas
from .options import MAX_GRAY


def count_color_differences(
    canvas: Canvas, threshold: float, *, left_out: Iterable[NDArray[np.bool_] | None]
) -> int:
    """Count the pixels of which a colour channel differs by more than ``threshold`` x 255.

    Pixels with any of the marks ``left_out`` (height x width, bool) are not counted.
    """
    reach = math.floor(threshold * MAX_GRAY)
    given = [marks for marks in left_out if marks is not None]
    count = 0
    for rows in canvas.find_changed(reach):
        channels = cv2.absdiff(canvas.rgb1[rows], canvas.rgb2[rows])
        cv2.threshold(channels, reach, MAX_GRAY, cv2.THRESH_BINARY, dst=channels)
        # In 16 bits, a pixel is 0 only if its three channels are. A gray value would take twice as long.
        packed = cv2.cvtColor(channels, cv2.COLOR_BGR2BGR565)
        differs = np.asarray(packed).view(np.uint16)[..., 0] > 0
        for marks in given:
            # Of two marks, the first is greater where it alone is set.
            np.greater(differs, marks[rows], out=differs)
        count += int(np.count_nonzero(differs))
    return count
