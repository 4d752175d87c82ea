from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .blocks import cut_blocks, measure_groups

MAX_REGIONS = 100


class Region(NamedTuple):
    """A box around one group of different pixels; right and bottom edge are exclusive."""

    x: int
    y: int
    width: int
    height: int
    diff_pixels: int


def find_regions(mask: NDArray[np.bool_]) -> tuple[tuple[Region, ...], int]:
    """Group different pixels (8-connected, small gaps bridged) into boxes, most different first.

    Returns at most ``MAX_REGIONS`` of them, and the number of those left out.
    """
    groups = measure_groups(cut_blocks(mask))
    left, top, _, _, counts = groups
    # Ties by position, so that the order is always the same.
    order = np.lexsort((left, top, -counts))
    regions = tuple(map(Region._make, groups.T[order[:MAX_REGIONS]].tolist()))
    return regions, counts.size - len(regions)
