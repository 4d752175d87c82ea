from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from .bands import split_rows
from .canvas import Canvas
from .errors import IgnoreMaskSizeDiffers
from .options import MAX_GRAY, Rectangle
from .picture import Picture

BLACK = (0, 0, 0)


def ignore_parts(canvas: Canvas, regions: Sequence[Rectangle], mask: Picture | None) -> Canvas:
    """Mark what lies in a region, or where the mask picture is black, as ignored.

    Regions are clipped to the canvas. Black is 0, 0, 0 and opaque: transparent parts of the mask ignore
    nothing.

    :raises IgnoreMaskSizeDiffers: the mask is not of the canvas's size.
    """
    if not regions and mask is None:
        return canvas
    ignored = np.zeros((canvas.height, canvas.width), np.bool_)
    for region in regions:
        rows = slice(max(0, region.y), max(0, region.y + region.height))
        columns = slice(max(0, region.x), max(0, region.x + region.width))
        ignored[rows, columns] = True
    if mask is not None:
        if (mask.width, mask.height) != (canvas.width, canvas.height):
            raise IgnoreMaskSizeDiffers(
                f"the ignore mask has {mask.width} x {mask.height} pixels,"
                f" the compared canvas {canvas.width} x {canvas.height}"
            )
        for rows in split_rows(canvas.height, canvas.width):
            ignored[rows] |= find_black(mask, rows)
    return replace(canvas, ignored=ignored) if ignored.any() else canvas


def find_black(mask: Picture, rows: slice) -> NDArray[np.bool_]:
    black = np.asarray(cv2.inRange(mask.rgb[rows], BLACK, BLACK)) > 0
    return black if mask.alpha is None else black & (mask.alpha[rows] == MAX_GRAY)
