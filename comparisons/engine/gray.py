import cv2
import numpy as np
from numpy.typing import NDArray


def to_gray(rgb: NDArray[np.uint8], out: NDArray[np.uint8] | None = None) -> NDArray[np.uint8]:
    """Take the luma of ITU-R BT.601, rounded to 8 bits: height x width."""
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY, dst=out), np.uint8)
