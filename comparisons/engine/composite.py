from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from .bands import split_rows
from .picture import Picture

Color = tuple[int, int, int]


def composite_picture(picture: Picture, background: Color) -> NDArray[np.uint8]:
    """Put the picture on a plain background: height x width x 3, uint8, RGB, rounded to nearest.

    The colour stored under a fully transparent pixel never shows.

    :raises ValueError: the picture lies on another one already.
    """
    if picture.alpha is None or picture.background == background:
        return picture.rgb
    if picture.background is not None:
        raise ValueError(f"the picture lies on {picture.background} already")
    return blend_bands(picture, background, out=np.empty_like(picture.rgb))


def lay_on(picture: Picture, background: Color) -> Picture:
    """Put a picture that no one else needs on a plain background, in its own memory."""
    if picture.alpha is None:
        return picture
    return replace(
        picture, rgb=blend_bands(picture, background, out=picture.rgb), background=background
    )


def blend_bands(
    picture: Picture, background: Color, *, out: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    if picture.alpha is not None:
        for rows in split_rows(picture.height, picture.width):
            out[rows] = blend(picture.rgb[rows], picture.alpha[rows], background)
    return out


def blend(rgb: NDArray[np.uint8], alpha: NDArray[np.uint8], background: Color) -> NDArray[np.uint8]:
    # 255 x 255 + 127 still fits 16 bits.
    opacity = alpha[..., np.newaxis].astype(np.uint16)
    blended = rgb * opacity
    blended += np.array(background, np.uint16) * (255 - opacity)
    blended += 127
    blended //= 255
    return blended.astype(np.uint8)
