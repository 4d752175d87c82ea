"""The structural similarity of Wang et al. 2004, https://doi.org/10.1109/TIP.2003.819861.

With 7 x 7 uniform windows and the sample covariance, as scikit-image computes it by default.
"""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from .bands import split_rows

RADIUS = 3
SIDE = 2 * RADIUS + 1
LUMINANCE_FLOOR = (0.01 * 255) ** 2
CONTRAST_FLOOR = (0.03 * 255) ** 2


def map_similarity(
    gray1: NDArray[np.uint8], gray2: NDArray[np.uint8], ignored: NDArray[np.bool_] | None
) -> NDArray[np.float32]:
    """Compare the windows around each pixel: height x width, -1 to 1, 1 where they are alike.

    The pictures are mirrored at their borders, the edge pixels included. Windows leave out ignored
    pixels, and around an ignored pixel the value means nothing.
    """
    height, width = gray1.shape
    similarity = np.empty((height, width), np.float32)
    for rows in split_rows(height, width):
        around = slice(max(0, rows.start - RADIUS), rows.stop + RADIUS)
        inner = slice(rows.start - around.start, rows.stop - around.start)
        counted = None if ignored is None else (~ignored[around]).view(np.uint8)
        compare_windows(gray1[around], gray2[around], counted, inner, out=similarity[rows])
    return similarity


def compare_windows(
    gray1: NDArray[np.uint8],
    gray2: NDArray[np.uint8],
    counted: NDArray[np.uint8] | None,
    inner: slice,
    *,
    out: NDArray[np.float32],
) -> None:
    """Fill ``out`` with the similarity of the ``inner`` rows.

    All sums are exact: with n pixels of values x and y in a window, and S for the sum over it, the
    published formula multiplied by n^3 (n - 1) in its numerator and its denominator is

    .. math::
        (2 Sx Sy + C1 n^2) (2 (n Sxy - Sx Sy) + C2 n (n - 1)) /
        ((Sx^2 + Sy^2 + C1 n^2) (n Sxx - Sx^2 + n Syy - Sy^2 + C2 n (n - 1)))

    where no integer exceeds 32 bits. Equal windows have equal factors: their similarity is 1, not
    nearly 1.
    """
    count: int | NDArray[np.int32] = SIDE * SIDE
    if counted is not None:
        gray1, gray2 = gray1 * counted, gray2 * counted
        count = np.maximum(sum_windows(counted)[inner], 1)
    distance = cv2.absdiff(gray1, gray2)
    if not distance.any():
        out.fill(1)
        return
    sum1, sum2 = sum_windows(gray1)[inner], sum_windows(gray2)[inner]
    products = sum_windows(cv2.multiply(gray1, gray2, dtype=cv2.CV_16U))[inner]
    squares = sum_windows(cv2.multiply(distance, distance, dtype=cv2.CV_16U))[inner]

    # a^2 + b^2 is 2ab + (a - b)^2, which saves two squares: above and below the line, the terms differ
    # by what sets the windows apart. Worked in place: a band's memory traffic is what takes the time.
    luminance = sum1 * sum2
    luminance *= 2
    sum1 -= sum2
    sum1 *= sum1
    contrast = products
    contrast *= 2 * count
    contrast -= luminance
    squares *= count
    squares -= sum1
    squares += contrast
    sum1 += luminance

    luminance_floor = LUMINANCE_FLOOR * (count * count)
    # A lone pixel has no variance: any floor but 0 then gives contrast the ratio 1.
    contrast_floor = CONTRAST_FLOOR * (count * np.maximum(count - 1, 1))
    numerator = raise_by(luminance, luminance_floor)
    numerator *= raise_by(contrast, contrast_floor)
    denominator = raise_by(sum1, luminance_floor)
    denominator *= raise_by(squares, contrast_floor)
    np.divide(numerator, denominator, out=out)


def sum_windows(values: NDArray[Any]) -> NDArray[np.int32]:
    sums = cv2.boxFilter(
        values, cv2.CV_32S, (SIDE, SIDE), normalize=False, borderType=cv2.BORDER_REFLECT
    )
    return np.asarray(sums, np.int32)


def raise_by(sums: NDArray[np.int32], floor: Any) -> NDArray[np.float32]:
    raised = sums.astype(np.float32)
    raised += floor
    return raised
