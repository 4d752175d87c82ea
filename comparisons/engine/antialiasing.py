"""Vyšniauskas 2009, "Anti-aliased pixel and intensity slope detector", as pixelmatch applies it:
https://github.com/mapbox/pixelmatch.

A pixel is taken for anti-aliasing if it has both darker and brighter neighbours, at most two of its
own colour, and if its darkest or its brightest neighbour lies, in both pictures, in a patch of one
colour: has at least three neighbours of its own colour. The border of the picture counts as one of
them. Pixels that are ignored are treated as if the picture ended there.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from .bands import split_rows
from .canvas import Canvas

# A neighbour's neighbour is two pixels away.
MARGIN = 2
# No colour is 0: an opaque one has 255 in its fourth byte.
ABSENT = 0
# Column by column: of two neighbours equally dark, pixelmatch looks at the first in this order.
NEIGHBOURS = [(x, y) for x in (-1, 0, 1) for y in (-1, 0, 1) if (x, y) != (0, 0)]
ENOUGH_SIBLINGS = 3

Colors = NDArray[np.uint32]
Positions = NDArray[np.intp]


def mark_antialiased(canvas: Canvas, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Mark those of the mask's pixels (height x width, bool) that are anti-aliasing in either picture."""
    antialiased = np.zeros_like(mask)
    for rows in split_rows(canvas.height, canvas.width):
        candidates = np.flatnonzero(mask[rows])
        if not candidates.size:
            continue
        colors1 = pack_colors(canvas.rgb1, canvas.ignored, rows)
        colors2 = pack_colors(canvas.rgb2, canvas.ignored, rows)
        stride = canvas.width + 2 * MARGIN
        steps = [x + y * stride for x, y in NEIGHBOURS]
        ys, xs = np.divmod(candidates, canvas.width)
        positions = (ys + MARGIN) * stride + xs + MARGIN
        found = find_antialiased(colors1, colors2, positions, steps)
        found[~found] = find_antialiased(colors2, colors1, positions[~found], steps)
        antialiased[rows].reshape(-1)[candidates[found]] = True
    return antialiased


def pack_colors(rgb: NDArray[np.uint8], ignored: NDArray[np.bool_] | None, rows: slice) -> Colors:
    """Make one number of each colour, with a margin on every side, and lay the rows end to end."""
    top, bottom = max(0, rows.start - MARGIN), min(len(rgb), rows.stop + MARGIN)
    rgba = np.asarray(cv2.cvtColor(rgb[top:bottom], cv2.COLOR_RGB2RGBA), np.uint8)
    if ignored is not None:
        rgba[ignored[top:bottom]] = ABSENT
    padded = cv2.copyMakeBorder(
        rgba,
        top - (rows.start - MARGIN),
        rows.stop + MARGIN - bottom,
        MARGIN,
        MARGIN,
        cv2.BORDER_CONSTANT,
        value=(ABSENT,) * 4,
    )
    return np.asarray(padded, np.uint8).reshape(-1).view(np.uint32)


def find_antialiased(
    colors: Colors, other_colors: Colors, positions: Positions, steps: list[int]
) -> NDArray[np.bool_]:
    """Tell for each position whether it is anti-aliasing in the picture of ``colors``."""
    antialiased = np.zeros(positions.size, np.bool_)
    lonely = np.flatnonzero(~has_siblings(colors, positions, steps))
    between, darkest, brightest = find_extremes(colors, positions[lonely], steps)
    for extreme in (darkest, brightest):
        in_patch = has_siblings(colors, extreme, steps)
        in_patch &= has_siblings(other_colors, extreme, steps)
        antialiased[lonely[between]] |= in_patch
    return antialiased


def has_siblings(colors: Colors, positions: Positions, steps: list[int]) -> NDArray[np.bool_]:
    """Tell which positions have three or more neighbours of their colour, absent ones being one."""
    own = colors.take(positions)
    siblings = np.zeros(positions.size, np.uint8)
    at_border = np.zeros(positions.size, np.bool_)
    for step in steps:
        neighbours = colors.take(positions + step)
        siblings += neighbours == own
        at_border |= neighbours == ABSENT
    return np.asarray(siblings + at_border >= ENOUGH_SIBLINGS)


def find_extremes(
    colors: Colors, positions: Positions, steps: list[int]
) -> tuple[NDArray[np.bool_], Positions, Positions]:
    """Find the darkest and the brightest neighbours, where some are darker and some are brighter.

    Returns which of the positions those are, and of each its two neighbours.
    """
    own = weigh(colors.take(positions))
    lowest, highest = np.zeros_like(own), np.zeros_like(own)
    for number, step in enumerate(steps):
        neighbours = colors.take(positions + step)
        contrast = weigh(neighbours) - own
        contrast *= len(steps)
        contrast[neighbours == ABSENT] = 0
        # The number of the step, in the last place, tells later which one it was; the first of equals.
        np.minimum(lowest, contrast + number, out=lowest)
        np.maximum(highest, contrast - number, out=highest)
    between = (lowest < 0) & (highest > 0)
    strides = np.array(steps)
    darkest = strides[(lowest[between] % len(steps)).astype(np.intp)]
    brightest = strides[(-highest[between] % len(steps)).astype(np.intp)]
    return between, positions[between] + darkest, positions[between] + brightest


def weigh(colors: Colors) -> NDArray[np.float64]:
    """Take pixelmatch's luma times 10^8: whole numbers, which no two of the 2^24 colours share."""
    red, green, blue, _ = colors.view(np.uint8).reshape(-1, 4).T
    return np.asarray(red * 29889531.0 + green * 58662247.0 + blue * 11448223.0)
