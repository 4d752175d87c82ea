"""Interpolation in grids of up to four axes, by OpenCV's in pictures, which have two."""

from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

AXES = 4

Plane = NDArray[np.float32]
Colors = cv2.typing.MatLike


def lay_out(grid: NDArray[np.float32]) -> tuple[NDArray[np.float32], tuple[int, ...]]:
    """Lay a grid of one to four axes out as a picture: rows and columns of small pictures.

    Returned with it are the points of four axes, of which those that are missing come first and have
    one: they count the rows of small pictures, the columns of them, the rows in each and the columns.
    """
    points = (1,) * (AXES + 1 - grid.ndim) + grid.shape[:-1]
    rows, columns = points[0] * points[2], points[1] * points[3]
    picture = grid.reshape(*points, -1).transpose(0, 2, 1, 3, 4).reshape(rows, columns, -1)
    return np.ascontiguousarray(picture), points


def interpolate(
    picture: NDArray[np.float32], points: tuple[int, ...], positions: Sequence[Plane]
) -> Colors:
    """Interpolate linearly along every axis; ``positions``, height x width, are in points."""
    missing = [np.zeros_like(positions[0])] * (AXES - len(positions))
    outer_row, outer_column, row, column = missing + list(positions)

    def find(picture_row: Plane, picture_column: Plane) -> Colors:
        x = picture_column * points[3] + column
        y = picture_row * points[2] + row
        return cv2.remap(picture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)

    def find_in_row(picture_row: Plane) -> Colors:
        return blend(outer_column, points[1], lambda cell: find(picture_row, cell))

    return blend(outer_row, points[0], find_in_row)


def blend(position: Plane, points: int, find: Callable[[Plane], Colors]) -> Colors:
    """Blend what is found at the points on both sides of a position."""
    if points == 1:
        return find(position)
    before = np.floor(np.minimum(position, points - 2))
    share = position - before
    return cv2.blendLinear(find(before), find(before + 1), 1 - share, share)
