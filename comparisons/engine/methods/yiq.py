"""Kotsarenko & Ramos 2010, "Measuring perceived color difference using YIQ NTSC transmission color
space in mobile applications", with the coefficients and the scale of pixelmatch up to version 7:
https://github.com/mapbox/pixelmatch.
"""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from comparisons.engine.bands import split_numbers
from comparisons.engine.canvas import Canvas
from comparisons.engine.method import Method
from comparisons.engine.options import MAX_GRAY

# A little more than the squared distance of the two colours that lie furthest apart.
MAX_SQUARED_DISTANCE = 35215
# Colours whose distances fit the processor's cache while they are computed.
AT_ONCE = 1 << 13


def mark_yiq_differences(canvas: Canvas, threshold: float) -> NDArray[np.bool_]:
    """Mark where the squared distance of the colours exceeds that of the threshold."""
    limit = MAX_SQUARED_DISTANCE * threshold * threshold
    mask = np.zeros((canvas.height, canvas.width), np.bool_)
    # Colours whose channels all lie within d are at most 35215 (d / 255)^2 apart, so that integers
    # sort out most pixels.
    reach = math.floor(threshold * MAX_GRAY)
    for rows in canvas.changed:
        rgb1, rgb2 = canvas.rgb1[rows], canvas.rgb2[rows]
        near = cv2.inRange(cv2.absdiff(rgb1, rgb2), (0, 0, 0), (reach, reach, reach))
        for pixels in split_numbers(np.flatnonzero(np.asarray(near) == 0), AT_ONCE):
            colors1, colors2 = (rgb.reshape(-1, 3).take(pixels, axis=0) for rgb in (rgb1, rgb2))
            mask[rows].reshape(-1)[pixels] = square_distances(colors1, colors2) > limit
    return mask


def measure_yiq_differences(canvas: Canvas) -> NDArray[np.float32]:
    distances = np.zeros((canvas.height, canvas.width), np.float32)
    for rows in canvas.changed:
        squares = square_distances(canvas.rgb1[rows], canvas.rgb2[rows])
        distances[rows] = np.sqrt(squares / MAX_SQUARED_DISTANCE)
    return distances


def square_distances(colors1: NDArray[np.uint8], colors2: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Take the squared distances of colours (... x 3, uint8, RGB), 0 to 35215.

    In doubles and in pixelmatch's order of operations, so that rounding can't tell the two apart.
    """
    change = np.subtract(colors1, colors2, dtype=np.float64)
    red, green, blue = np.ascontiguousarray(np.moveaxis(change, -1, 0))
    y = red * 0.29889531 + green * 0.58662247 + blue * 0.11448223
    i = red * 0.59597799 - green * 0.27417610 - blue * 0.32180189
    q = red * 0.21147017 - green * 0.52261711 + blue * 0.31114694
    return np.asarray(0.5053 * y * y + 0.299 * i * i + 0.1957 * q * q)


METHOD = Method(
    summary="The colours look different: pixelmatch's measure (YIQ), with its thresholds.",
    mark=mark_yiq_differences,
    measure=measure_yiq_differences,
)
