"""Vyšniauskas 2009, "Anti-aliased pixel and intensity slope detector", as pixelmatch applies it:
https://github.com/mapbox/pixelmatch.

A pixel is taken for anti-aliasing if it has both darker and brighter neighbours, at most two of its
own colour, and if its darkest or its brightest neighbour lies, in both pictures, in a patch of one
colour: has at least three neighbours of its own colour. The border of the picture counts as one of
them. Pixels that are ignored are treated as if the picture ended there.

Patches are found for whole tiles at once, and what lies next to none need not be looked at.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from .bands import Numbers, Tile, shift, split_numbers, split_tiles, widen
from .canvas import Canvas

# A neighbour's neighbour is two pixels away.
MARGIN = 2
# Column by column: of two neighbours equally dark, pixelmatch looks at the first in this order.
NEIGHBOURS = [(x, y) for x in (-1, 0, 1) for y in (-1, 0, 1) if (x, y) != (0, 0)]
AROUND = np.ones((3, 3), np.uint8)
ENOUGH_SIBLINGS = 3
# Pixels whose neighbours' lumas fit the processor's cache.
AT_ONCE = 1 << 11
# No colour: the fourth byte of a colour is 255.
ABSENT = 0

# pixelmatch's luma of red, green and blue, times 10^8. These are whole numbers, and of the 2^24 colours
# no two share one.
RED, GREEN, BLUE = 29889531, 58662247, 11448223

Marks = NDArray[np.bool_]
# Height x width, with a margin on every side: red, green, blue and 255 are a colour's bytes.
Colors = NDArray[np.uint32]


def mark_antialiased(canvas: Canvas, mask: Marks) -> Marks:
    """Mark those of the mask's pixels (height x width, bool) that are anti-aliasing in either picture."""
    antialiased = np.zeros_like(mask)
    for rows, columns in split_tiles(canvas.height, canvas.width):
        left, top, width, height = cv2.boundingRect(mask[rows, columns].view(np.uint8))
        if width:
            top, left = top + rows.start, left + columns.start
            tile = slice(top, top + height), slice(left, left + width)
            antialiased[tile] = find_antialiased(canvas, tile, mask[tile])
    return antialiased


def find_antialiased(canvas: Canvas, tile: Tile, candidates: Marks) -> Marks:
    """Tell which of a tile's candidates are anti-aliasing in either picture."""
    colors1 = frame_colors(canvas.rgb1, canvas.ignored, tile)
    colors2 = frame_colors(canvas.rgb2, canvas.ignored, tile)
    crowded1, crowded2 = has_siblings(colors1), has_siblings(colors2)
    patches = crowded1 & crowded2
    at_patches = cv2.dilate(patches.view(np.uint8), AROUND).view(np.bool_)
    promising = np.pad(candidates, MARGIN) & at_patches
    found = np.zeros_like(patches)
    for colors, crowded in ((colors1, crowded1), (colors2, crowded2)):
        for positions in split_numbers(np.flatnonzero(promising & ~crowded & ~found), AT_ONCE):
            found.reshape(-1)[positions] = leads_to_patch(colors, patches, positions)
    return found[MARGIN:-MARGIN, MARGIN:-MARGIN]


def frame_colors(rgb: NDArray[np.uint8], ignored: Marks | None, tile: Tile) -> Colors:
    """Take a tile's colours and those around it; ``ABSENT`` where there is no pixel that counts."""
    height, width = rgb.shape[:2]
    rows, columns = tile
    around = widen(rows, MARGIN, height), widen(columns, MARGIN, width)
    rgba = np.asarray(cv2.cvtColor(rgb[around], cv2.COLOR_RGB2RGBA), np.uint8)
    if ignored is not None:
        rgba[ignored[around]] = ABSENT
    colors = np.full([part.stop - part.start + 2 * MARGIN for part in tile], ABSENT, np.uint32)
    present = shift(around[0], MARGIN - rows.start), shift(around[1], MARGIN - columns.start)
    colors[present] = rgba.view(np.uint32)[..., 0]
    return colors


def has_siblings(colors: Colors) -> Marks:
    """Tell which pixels have enough neighbours of their colour, all absent ones being one.

    Of the outermost pixels, whose neighbours are not all there, it tells nothing.
    """
    values, stride = colors.reshape(-1), colors.shape[1]
    siblings = np.zeros(values.size, np.uint8)
    # Of every two that are equal, each is the other's sibling.
    for step in (1, stride - 1, stride, stride + 1):
        equal = (values[step:] == values[:-step]).view(np.uint8)
        siblings[step:] += equal
        siblings[:-step] += equal
    at_border = cv2.dilate((colors == ABSENT).view(np.uint8), AROUND)
    return np.asarray(siblings.reshape(colors.shape) + at_border >= ENOUGH_SIBLINGS)


def leads_to_patch(colors: Colors, patches: Marks, positions: Numbers) -> Marks:
    """Tell which positions lie between darker and brighter neighbours, the extreme of one in a patch."""
    values, stride = colors.reshape(-1), colors.shape[1]
    steps = np.array([x + y * stride for x, y in NEIGHBOURS])[:, np.newaxis]
    neighbours = values.take(positions + steps)
    contrasts = weigh_colors(neighbours) - weigh_colors(values.take(positions))
    contrasts[neighbours == ABSENT] = 0
    extremes = np.stack([contrasts.argmin(axis=0), contrasts.argmax(axis=0)])
    darkest, brightest = np.take_along_axis(contrasts, extremes, axis=0)
    in_patch = patches.reshape(-1).take(positions + steps[extremes, 0])
    return np.asarray((darkest < 0) & (brightest > 0) & in_patch.any(axis=0))


def weigh_colors(colors: Colors) -> NDArray[np.int64]:
    values = colors.astype(np.int64)
    lumas = (values & 255) * RED
    lumas += (values >> 8 & 255) * GREEN
    lumas += (values >> 16 & 255) * BLUE
    return lumas
