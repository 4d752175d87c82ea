import numpy as np
from numpy.typing import NDArray

from .decode import Picture


def composite_picture(picture: Picture, background: tuple[int, int, int]) -> NDArray[np.uint8]:
    """Put the picture on a plain background: height x width x 3, uint8, RGB, rounded to nearest.

    The colour stored under a fully transparent pixel never shows.
    """
    if picture.alpha is None or picture.alpha.min() == 255:
        return picture.rgb
    # 255 x 255 + 127 still fits 16 bits.
    alpha = picture.alpha[..., np.newaxis].astype(np.uint16)
    blended = picture.rgb * alpha
    blended += np.array(background, np.uint16) * (255 - alpha)
    blended += 127
    blended //= 255
    return blended.astype(np.uint8)
