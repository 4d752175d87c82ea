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
MOST_SIBLINGS = 2


def mark_antialiased(canvas: Canvas, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Mark those of the mask's pixels (height x width, bool) that are anti-aliasing in either picture."""
    antialiased = np.zeros_like(mask)
    for rows in split_rows(canvas.height, canvas.width):
        ys, xs = np.nonzero(mask[rows])
        if not ys.size:
            continue
        colors1 = pack_colors(canvas.rgb1, canvas.ignored, rows)
        colors2 = pack_colors(canvas.rgb2, canvas.ignored, rows)
        stride = canvas.width + 2 * MARGIN
        around = np.array([x + y * stride for x, y in NEIGHBOURS])[:, np.newaxis]
        positions = (ys + MARGIN) * stride + xs + MARGIN
        found = find_antialiased(colors1, colors2, positions, around)
        found[~found] = find_antialiased(colors2, colors1, positions[~found], around)
        antialiased[rows][ys[found], xs[found]] = True
    return antialiased


def pack_colors(
    rgb: NDArray[np.uint8], ignored: NDArray[np.bool_] | None, rows: slice
) -> NDArray[np.uint32]:
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
    return np.asarray(padded, np.uint8).view(np.uint32).reshape(-1)


def find_antialiased(
    colors: NDArray[np.uint32],
    other_colors: NDArray[np.uint32],
    positions: NDArray[np.intp],
    around: NDArray[np.intp],
) -> NDArray[np.bool_]:
    """Tell for each position whether it is anti-aliasing in the picture of ``colors``."""
    antialiased = np.zeros(positions.size, np.bool_)
    lonely = np.flatnonzero(count_siblings(colors, positions, around) <= MOST_SIBLINGS)
    neighbours = positions[lonely] + around
    present = colors[neighbours] != ABSENT
    contrast = (weigh(colors[neighbours]) - weigh(colors[positions[lonely]])) * present
    between = np.flatnonzero((contrast.min(axis=0) < 0) & (contrast.max(axis=0) > 0))
    darkest = neighbours[contrast.argmin(axis=0)[between], between]
    brightest = neighbours[contrast.argmax(axis=0)[between], between]
    for extreme in (darkest, brightest):
        in_patch = count_siblings(colors, extreme, around) > MOST_SIBLINGS
        in_patch &= count_siblings(other_colors, extreme, around) > MOST_SIBLINGS
        antialiased[lonely[between]] |= in_patch
    return antialiased


def count_siblings(
    colors: NDArray[np.uint32], positions: NDArray[np.intp], around: NDArray[np.intp]
) -> NDArray[np.intp]:
    """Count the neighbours of each position that have its colour, an absent neighbour being one."""
    neighbours = colors[positions + around]
    return np.asarray(
        (neighbours == colors[positions]).sum(axis=0) + (neighbours == ABSENT).any(axis=0)
    )


def weigh(colors: NDArray[np.uint32]) -> NDArray[np.int64]:
    """Take pixelmatch's luma times 10^8, exactly: no two of the 2^24 colours are equally bright."""
    rgba = colors.view(np.uint8).reshape(*colors.shape, 4)
    return np.asarray(rgba[..., :3] @ np.array([29889531, 58662247, 11448223]))
