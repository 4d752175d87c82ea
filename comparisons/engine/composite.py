import numpy as np
from numpy.typing import NDArray

from .bands import split_rows
from .picture import Picture

WHITE = (255, 255, 255)


def composite_picture(
    picture: Picture, background: tuple[int, int, int] = WHITE
) -> NDArray[np.uint8]:
    """Put the picture on a plain background: height x width x 3, uint8, RGB, rounded to nearest.

    The colour stored under a fully transparent pixel never shows.
    """
    if picture.alpha is None:
        return picture.rgb
    composited = np.empty_like(picture.rgb)
    for rows in split_rows(picture.height, picture.width):
        composited[rows] = blend(picture.rgb[rows], picture.alpha[rows], background)
    return composited


def blend(
    rgb: NDArray[np.uint8], alpha: NDArray[np.uint8], background: tuple[int, int, int]
) -> NDArray[np.uint8]:
    # 255 x 255 + 127 still fits 16 bits.
    opacity = alpha[..., np.newaxis].astype(np.uint16)
    blended = rgb * opacity
    blended += np.array(background, np.uint16) * (255 - opacity)
    blended += 127
    blended //= 255
    return blended.astype(np.uint8)
