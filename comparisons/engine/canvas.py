from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from .options import SizePolicy
from .similarity import map_similarity


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

    @cached_property
    def gray1(self) -> NDArray[np.uint8]:
        return to_gray(self.rgb1)

    @cached_property
    def gray2(self) -> NDArray[np.uint8]:
        return to_gray(self.rgb2)

    @cached_property
    def similarity(self) -> NDArray[np.float32]:
        """The local SSIM: height x width, -1 to 1."""
        return map_similarity(self.gray1, self.gray2, self.ignored)


def to_gray(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Take the luma of ITU-R BT.601, rounded to 8 bits: height x width."""
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.uint8)
