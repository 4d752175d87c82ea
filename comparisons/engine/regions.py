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
    left, top, width, height = cv2.boundingRect(mask.view(np.uint8))
    changed = mask[top : top + height, left : left + width]
    if not changed.size:
        return (), 0
    labels, boxes = label_groups(changed)
    counts = count_labels(labels, changed, len(boxes))
    # The first label is that of the background. Ties by position, so that the order is always the same.
    order = np.lexsort((boxes[:, cv2.CC_STAT_LEFT], boxes[:, cv2.CC_STAT_TOP], -counts))
    groups = order[order != 0]
    regions = tuple(
        Region(
            x=left + int(boxes[group, cv2.CC_STAT_LEFT]),
            y=top + int(boxes[group, cv2.CC_STAT_TOP]),
            width=int(boxes[group, cv2.CC_STAT_WIDTH]) - 2 * JOIN_DISTANCE,
            height=int(boxes[group, cv2.CC_STAT_HEIGHT]) - 2 * JOIN_DISTANCE,
            diff_pixels=int(counts[group]),
        )
        for group in groups[:MAX_REGIONS]
    )
    return regions, len(groups) - len(regions)


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
