"""Vyšniauskas 2009, "Anti-aliased pixel and intensity slope detector", as pixelmatch applies it:
https://github.com/mapbox/pixelmatch.

A pixel is taken for anti-aliasing if it has both darker and brighter neighbours, at most two of its
own colour, and if its darkest or its brightest neighbour lies, in both pictures, in a patch of one
colour: has at least three neighbours of its own colour. The border of the picture counts as one of
them. Pixels that are ignored are treated as if the picture ended there.
"""

import numpy as np
from numpy.typing import NDArray

from .bands import split_rows
from .canvas import Canvas

# A neighbour's neighbour is two pixels away.
MARGIN = 2
# Column by column: of two neighbours equally dark, pixelmatch looks at the first in this order.
NEIGHBOURS = [(x, y) for x in (-1, 0, 1) for y in (-1, 0, 1) if (x, y) != (0, 0)]
ENOUGH_SIBLINGS = 3

# Rows laid end to end, with a margin on every side; NaN where there is no pixel.
Lumas = NDArray[np.float64]
Positions = NDArray[np.intp]


def mark_antialiased(canvas: Canvas, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Mark those of the mask's pixels (height x width, bool) that are anti-aliasing in either picture."""
    antialiased = np.zeros_like(mask)
    stride = canvas.width + 2 * MARGIN
    steps = [x + y * stride for x, y in NEIGHBOURS]
    for rows in split_rows(canvas.height, canvas.width):
        candidates = np.flatnonzero(mask[rows])
        if not candidates.size:
            continue
        lumas1 = weigh_colors(canvas.rgb1, canvas.ignored, rows)
        lumas2 = weigh_colors(canvas.rgb2, canvas.ignored, rows)
        ys, xs = np.divmod(candidates, canvas.width)
        positions = (ys + MARGIN) * stride + xs + MARGIN
        found = find_antialiased(lumas1, lumas2, positions, steps)
        found[~found] = find_antialiased(lumas2, lumas1, positions[~found], steps)
        antialiased[rows].reshape(-1)[candidates[found]] = True
    return antialiased


def weigh_colors(rgb: NDArray[np.uint8], ignored: NDArray[np.bool_] | None, rows: slice) -> Lumas:
    """Take pixelmatch's luma of a band and its margin, times 10^8.

    These are whole numbers, and of the 2^24 colours no two share one: equal lumas are equal colours.
    """
    height, width = rgb.shape[:2]
    lumas = np.full((rows.stop - rows.start + 2 * MARGIN, width + 2 * MARGIN), np.nan)
    around = slice(max(0, rows.start - MARGIN), min(height, rows.stop + MARGIN))
    first = around.start - (rows.start - MARGIN)
    present = lumas[first : first + around.stop - around.start, MARGIN:-MARGIN]
    red, green, blue = np.moveaxis(rgb[around], -1, 0)
    present[:] = red * 29889531.0
    present += green * 58662247.0
    present += blue * 11448223.0
    if ignored is not None:
        present[ignored[around]] = np.nan
    return lumas.reshape(-1)


def find_antialiased(
    lumas: Lumas, other_lumas: Lumas, positions: Positions, steps: list[int]
) -> NDArray[np.bool_]:
    """Tell for each position whether it is anti-aliasing in the picture of ``lumas``."""
    antialiased = np.zeros(positions.size, np.bool_)
    lonely = np.flatnonzero(~has_siblings(lumas, positions, steps))
    between, darkest, brightest = find_extremes(lumas, positions[lonely], steps)
    found = is_in_patches(lumas, other_lumas, darkest, steps)
    found[~found] = is_in_patches(lumas, other_lumas, brightest[~found], steps)
    antialiased[lonely[between]] = found
    return antialiased


def is_in_patches(
    lumas1: Lumas, lumas2: Lumas, positions: Positions, steps: list[int]
) -> NDArray[np.bool_]:
    """Tell which positions lie in a patch of one colour in both pictures."""
    found = has_siblings(lumas1, positions, steps)
    found[found] = has_siblings(lumas2, positions[found], steps)
    return found


def has_siblings(lumas: Lumas, positions: Positions, steps: list[int]) -> NDArray[np.bool_]:
    """Tell which positions have enough neighbours of their colour, all absent ones being one."""
    own = lumas.take(positions)
    siblings = np.zeros(positions.size, np.uint8)
    at_border = np.zeros(positions.size, np.bool_)
    for step in steps:
        neighbours = lumas.take(positions + step)
        siblings += neighbours == own
        at_border |= np.isnan(neighbours)
    return np.asarray(siblings + at_border >= ENOUGH_SIBLINGS)


def find_extremes(
    lumas: Lumas, positions: Positions, steps: list[int]
) -> tuple[NDArray[np.bool_], Positions, Positions]:
    """Find the darkest and the brightest neighbours, where some are darker and some are brighter.

    Returns which of the positions those are, and of each its two neighbours.
    """
    own = lumas.take(positions)
    lowest, highest = np.zeros_like(own), np.zeros_like(own)
    for number, step in enumerate(steps):
        contrast = lumas.take(positions + step)
        contrast -= own
        contrast *= len(steps)
        # The number of the step, in the last place, tells later which one it was; the first of equals.
        np.fmin(lowest, contrast + number, out=lowest)
        np.fmax(highest, contrast - number, out=highest)
    between = (lowest < 0) & (highest > 0)
    strides = np.array(steps)
    darkest = strides[(lowest[between] % len(steps)).astype(np.intp)]
    brightest = strides[(-highest[between] % len(steps)).astype(np.intp)]
    return between, positions[between] + darkest, positions[between] + brightest
