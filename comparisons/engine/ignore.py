from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from .canvas import Canvas
from .composite import composite_picture
from .errors import IgnoreMaskSizeDiffers
from .options import Rectangle
from .picture import Picture


def ignore_parts(canvas: Canvas, regions: Sequence[Rectangle], mask: Picture | None) -> Canvas:
    """Mark what lies in a region, or where the mask picture is black, as ignored.

    Regions are clipped to the canvas. Black is 0, 0, 0 on a white background, so that transparent
    parts of the mask ignore nothing.

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
        ignored |= ~composite_picture(mask).any(axis=2)
    return replace(canvas, ignored=ignored) if ignored.any() else canvas
