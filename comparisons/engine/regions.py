from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

MAX_REGIONS = 100
JOIN_DISTANCE = 3


@dataclass(frozen=True)
class Region:
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
    ys, xs = np.nonzero(mask)
    if not ys.size:
        return (), 0
    bridge = np.ones((2 * JOIN_DISTANCE + 1,) * 2, np.uint8)
    _, labels = cv2.connectedComponents(cv2.dilate(mask.view(np.uint8), bridge), connectivity=8)
    groups: NDArray[np.int32] = np.asarray(labels[ys, xs], np.int32)
    counts = np.bincount(groups)
    left, right = bounds(xs, groups, counts.size)
    top, bottom = bounds(ys, groups, counts.size)
    # Ties by position, so that the order is always the same.
    order = np.lexsort((left, top, -counts))
    present = order[counts[order] > 0]
    regions = tuple(
        Region(
            x=int(left[group]),
            y=int(top[group]),
            width=int(right[group] - left[group] + 1),
            height=int(bottom[group] - top[group] + 1),
            diff_pixels=int(counts[group]),
        )
        for group in present[:MAX_REGIONS]
    )
    return regions, len(present) - len(regions)


def bounds(
    positions: NDArray[np.intp], groups: NDArray[np.int32], group_count: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Find the lowest and highest position of each group."""
    lowest = np.full(group_count, np.iinfo(np.intp).max)
    highest = np.full(group_count, -1)
    np.minimum.at(lowest, groups, positions)
    np.maximum.at(highest, groups, positions)
    return lowest, highest
