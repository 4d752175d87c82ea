"""The structural similarity of Wang et al. 2004, https://doi.org/10.1109/TIP.2003.819861.

With 7 x 7 uniform windows and the sample covariance, as scikit-image computes it by default.
"""

import math
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from .bands import shift, split_tiles, widen
from .gray import to_gray

RADIUS = 3
SIDE = 2 * RADIUS + 1
LUMINANCE_FLOOR = (0.01 * 255) ** 2
CONTRAST_FLOOR = (0.03 * 255) ** 2


def map_dissimilarity(
    rgb1: NDArray[np.uint8],
    rgb2: NDArray[np.uint8],
    gray_distance: NDArray[np.uint8],
    ignored: NDArray[np.bool_] | None = None,
) -> NDArray[np.float32]:
    """Compare the windows around each pixel by 1 - SSIM: height x width, 0 to 2, 0 where they are alike.

    The pictures are mirrored at their borders, the edge pixels included. Windows leave out ignored
    pixels; at those, the value is 0.
    """
    height, width = gray_distance.shape
    dissimilarity = np.zeros((height, width), np.float32)
    workspace = Workspace()
    for rows, columns in split_tiles(height, width):
        around = widen(rows, RADIUS, height), widen(columns, RADIUS, width)
        # Equal windows are alike.
        if not cv2.norm(gray_distance[around], cv2.NORM_INF):
            continue
        gray1, gray2 = to_gray(rgb1[around]), to_gray(rgb2[around])
        counted = None if ignored is None else (~ignored[around]).view(np.uint8)
        values = compare_windows(gray1, gray2, counted, workspace)
        inner = shift(rows, -around[0].start), shift(columns, -around[1].start)
        dissimilarity[rows, columns] = values[inner]
    return dissimilarity


class Workspace:
    """The planes that a tile's windows are compared in.

    They serve one tile after the other: to get new memory takes longer than to compute.
    """

    def __init__(self) -> None:
        self.memory = np.empty((9, 0), np.int32)

    def lay_out(self, shape: tuple[int, ...]) -> NDArray[np.int32]:
        """Get nine planes of that shape."""
        size = math.prod(shape)
        if self.memory.shape[1] < size:
            self.memory = np.empty((9, size), np.int32)
        return self.memory[:, :size].reshape(9, *shape)


def compare_windows(
    gray1: NDArray[np.uint8],
    gray2: NDArray[np.uint8],
    counted: NDArray[np.uint8] | None,
    workspace: Workspace,
) -> NDArray[np.float32]:
    """Take 1 - SSIM of all windows, those beyond the border completed by mirroring.

    All sums are exact: with n pixels of values x and y in a window, and S for the sum over it, the
    published formula multiplied by n^3 (n - 1) / 4 in its numerator and its denominator is

    .. math::
        (2 Sx Sy + C1 n^2) / 2 * (2 (n Sxy - Sx Sy) + C2 n (n - 1)) / 2 /
        ((Sx^2 + Sy^2 + C1 n^2) / 2 * (n Sxx - Sx^2 + n Syy - Sy^2 + C2 n (n - 1)) / 2)

    where no integer exceeds 32 bits. Equal windows have equal factors: their similarity is 1, not
    nearly 1. The result is the workspace's own.
    """
    planes = workspace.lay_out(gray1.shape)
    sum1, sum2, product, covariance, squares = planes[:5]
    luminance, contrast, luminances, contrasts = planes[5:].view(np.float32)
    count: Any = SIDE * SIDE
    if counted is not None:
        gray1, gray2 = gray1 * counted, gray2 * counted
        count = np.maximum(sum_windows(counted, np.empty_like(sum1)), 1)
    distance = cv2.absdiff(gray1, gray2)
    sum_windows(gray1, sum1)
    sum_windows(gray2, sum2)
    sum_windows(np.multiply(gray1, gray2, dtype=np.uint16), covariance)
    sum_windows(np.multiply(distance, distance, dtype=np.uint16), squares)

    # a^2 + b^2 is 2ab + (a - b)^2, which saves two squares: above and below the line, the terms differ
    # by what sets the windows apart.
    np.multiply(sum1, sum2, out=product)
    sum1 -= sum2
    sum1 *= sum1
    covariance *= count
    covariance -= product
    squares *= count
    squares -= sum1

    luminance[:] = product
    luminance += LUMINANCE_FLOOR / 2 * (count * count)
    contrast[:] = covariance
    # A lone pixel has no variance: any floor but 0 then gives contrast the ratio 1.
    contrast += CONTRAST_FLOOR / 2 * (count * np.maximum(count - 1, 1))
    luminances[:] = sum1
    contrasts[:] = squares
    denominator = cv2.scaleAdd(luminances, 0.5, luminance, dst=luminances)
    denominator *= cv2.scaleAdd(contrasts, 0.5, contrast, dst=contrasts)
    similarity = luminance
    similarity *= contrast
    similarity /= denominator
    dissimilarity: NDArray[np.float32] = np.subtract(1, similarity, out=similarity)
    if counted is not None:
        dissimilarity *= counted
    return dissimilarity


def sum_windows(values: NDArray[Any], out: NDArray[np.int32]) -> NDArray[np.int32]:
    size, border = (SIDE, SIDE), cv2.BORDER_REFLECT
    cv2.boxFilter(values, cv2.CV_32S, size, dst=out, normalize=False, borderType=border)
    return out
