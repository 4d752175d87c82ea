"""Small pictures for lists, as WebP."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from .composite import composite_picture
from .draw import widen_values
from .picture import Picture

MAX_THUMBNAIL_SIDE = 320
WHITE = (255, 255, 255)
QUALITY = 80
# OpenCV's way to say so: https://docs.opencv.org/4.x/d8/d6a/group__imgcodecs__flags.html
LOSSLESS = 101


def render_thumbnail(picture: Picture) -> bytes:
    """Show the picture on white, at most 320 pixels wide and tall."""
    rgb = composite_picture(picture, WHITE)
    height, width = shrink_shape(rgb)
    shrunk = np.asarray(cv2.resize(rgb, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    return encode_webp(cv2.cvtColor(shrunk, cv2.COLOR_RGB2BGR), QUALITY)


def render_mask_thumbnail(mask: Picture) -> bytes:
    """Show a mask (black and white), at most 320 pixels wide and tall, and lose no white pixel.

    Averaged with its neighbours, a single one would turn black.
    """
    gray = mask.rgb[..., 0]
    height, width = shrink_shape(gray)
    if (height, width) == gray.shape:
        return encode_webp(gray, LOSSLESS)
    rows, columns = (
        np.arange(shown) * there // shown
        for shown, there in zip((height, width), gray.shape, strict=True)
    )
    highest = np.maximum.reduceat(np.maximum.reduceat(gray, rows, axis=0), columns, axis=1)
    # A page may well shrink it once more.
    return encode_webp(widen_values(highest, 1), LOSSLESS)


def shrink_shape(pixels: NDArray[np.uint8]) -> tuple[int, int]:
    """Give the height and width of the thumbnail; nothing is enlarged."""
    height, width = pixels.shape[:2]
    scale = min(1, MAX_THUMBNAIL_SIDE / max(height, width))
    return max(1, round(height * scale)), max(1, round(width * scale))


def encode_webp(pixels: cv2.typing.MatLike, quality: int) -> bytes:
    """Encode height x width (gray), or x 3 (BGR), uint8."""
    _, encoded = cv2.imencode(".webp", pixels, [cv2.IMWRITE_WEBP_QUALITY, quality])
    return encoded.tobytes()


THUMBNAILS: dict[str, Callable[[Picture], bytes]] = {
    "image1": render_thumbnail,
    "image2": render_thumbnail,
    "mask": render_mask_thumbnail,
}
