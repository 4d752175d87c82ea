from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from .bands import split_rows
from .gray import to_gray
from .options import SizePolicy
from .similarity import map_dissimilarity


@dataclass(frozen=True, eq=False)
class Canvas:
    """Two pictures of one size (height x width x 3, uint8, RGB).

    Of the marks (height x width, bool; None where no pixel has it), ``uncovered`` is for the pixels
    that only one of the originals has, and ``ignored`` for those that count for nothing.
    ``policy_applied`` is None if the sizes were the same from the start.
    """

    rgb1: NDArray[np.uint8]
    rgb2: NDArray[np.uint8]
    uncovered: NDArray[np.bool_] | None = None
    ignored: NDArray[np.bool_] | None = None
    policy_applied: SizePolicy | None = None

    @property
    def width(self) -> int:
        return int(self.rgb1.shape[1])

    @property
    def height(self) -> int:
        return int(self.rgb1.shape[0])

    @property
    def changed(self) -> tuple[slice, ...]:
        """The bands of rows in which the pictures differ at all: elsewhere, there is nothing to do."""
        return self.find_changed(0)

    def find_changed(self, reach: int) -> tuple[slice, ...]:
        """Find the bands of rows in which a channel differs by more than ``reach``."""
        return tuple(rows for rows, distance in self.band_distances if distance > reach)

    @cached_property
    def band_distances(self) -> tuple[tuple[slice, float], ...]:
        """By how much the channels of each band of rows differ at most."""
        if self.rgb1 is self.rgb2:
            return ()
        return tuple(
            (rows, cv2.norm(self.rgb1[rows], self.rgb2[rows], cv2.NORM_INF))
            for rows in split_rows(self.height, self.width)
        )

    @cached_property
    def gray_distance(self) -> NDArray[np.uint8]:
        """How far the gray values lie apart: height x width."""
        distance = np.zeros((self.height, self.width), np.uint8)
        for rows in self.changed:
            gray1 = to_gray(self.rgb1[rows], out=distance[rows])
            cv2.absdiff(gray1, to_gray(self.rgb2[rows]), dst=gray1)
        return distance

    @cached_property
    def dissimilarity(self) -> NDArray[np.float32]:
        """1 - the local SSIM: height x width, 0 to 2."""
        return map_dissimilarity(self.rgb1, self.rgb2, self.gray_distance, self.ignored)
