from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from .bands import split_rows

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
    strips = [measure_groups(mask, rows) for rows in split_at_gaps(mask)]
    if not strips:
        return (), 0
    groups = np.concatenate(strips)
    left, top, _, _, counts = groups.T
    # Ties by position, so that the order is always the same.
    order = np.lexsort((left, top, -counts))
    regions = tuple(Region(*group) for group in groups[order[:MAX_REGIONS]].tolist())
    return regions, len(groups) - len(regions)


def split_at_gaps(mask: NDArray[np.bool_]) -> Iterator[slice]:
    """Cut the mask into strips of rows that no group crosses, leaving out the plain rows between."""
    changed = np.flatnonzero(cv2.reduce(mask.view(np.uint8), 1, cv2.REDUCE_MAX))
    # Groups touch as long as their pixels, each widened on both sides, do.
    last_before_gap = np.flatnonzero(np.diff(changed) > 2 * JOIN_DISTANCE + 1)
    for rows in np.split(changed, last_before_gap + 1):
        if rows.size:
            yield slice(int(rows[0]), int(rows[-1]) + 1)


def measure_groups(mask: NDArray[np.bool_], rows: slice) -> NDArray[np.int64]:
    """Find the groups in these rows: one row each of left, top, width, height and pixel count."""
    left, _, width, _ = cv2.boundingRect(mask[rows].view(np.uint8))
    changed = mask[rows, left : left + width]
    labels, boxes = label_groups(changed)
    counts = count_labels(labels, changed, len(boxes))
    groups = np.column_stack([boxes[:, : cv2.CC_STAT_AREA], counts])
    groups += [left, rows.start, -2 * JOIN_DISTANCE, -2 * JOIN_DISTANCE, 0]
    # The first label is that of the background.
    return np.asarray(groups[1:], np.int64)


def label_groups(mask: NDArray[np.bool_]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Number the groups: labels of height x width, and OpenCV's box of each label.

    The boxes are those of the groups widened by ``JOIN_DISTANCE`` on every side; the margin that
    makes room for it at the border also makes a box's left and top those of the group in the mask.
    """
    margin = (JOIN_DISTANCE,) * 4
    framed = cv2.copyMakeBorder(mask.view(np.uint8), *margin, cv2.BORDER_CONSTANT, value=0)
    bridge = np.ones((2 * JOIN_DISTANCE + 1,) * 2, np.uint8)
    _, labels, boxes, _ = cv2.connectedComponentsWithStats(cv2.dilate(framed, bridge))
    inner = slice(JOIN_DISTANCE, -JOIN_DISTANCE)
    return np.asarray(labels, np.int32)[inner, inner], np.asarray(boxes, np.int32)


def count_labels(
    labels: NDArray[np.int32], mask: NDArray[np.bool_], label_count: int
) -> NDArray[np.int64]:
    """Count the mask's pixels under each label."""
    counts = np.zeros(label_count, np.int64)
    for rows in split_rows(*labels.shape):
        in_band = np.bincount(labels[rows][mask[rows]])
        counts[: in_band.size] += in_band
    return counts
