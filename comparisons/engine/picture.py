from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from .bands import split_rows
from .errors import ImageEmpty, ImageUnsupported, TooManyPixels
from .options import MAX_GRAY, ColorProfiles, Limits

CHANNELS = {(), (3,), (4,)}

# The bits of alpha in the four bytes of a pixel.
OPAQUE = np.array([0, 0, 0, MAX_GRAY], np.uint8).view(np.uint32)[0]


@dataclass(frozen=True, eq=False)
class Picture:
    """An image as a browser shows it, but for the background behind its transparent parts.

    ``rgb`` is height x width x 3, ``alpha`` height x width (None where every pixel is opaque), both
    uint8. ``background`` is the colour that ``rgb`` lies on already; None if it is as it was stored.
    ``frames`` counts the frames or pages of the file, of which this is the first. ``is_tone_mapped``
    tells that the file is HDR (PQ or HLG), and its brightness was mapped to SDR.
    """

    rgb: NDArray[np.uint8]
    alpha: NDArray[np.uint8] | None = None
    background: tuple[int, int, int] | None = None
    frames: int = 1
    is_tone_mapped: bool = False

    @property
    def width(self) -> int:
        return int(self.rgb.shape[1])

    @property
    def height(self) -> int:
        return int(self.rgb.shape[0])


def read_array(pixels: NDArray[Any], limits: Limits) -> Picture:
    """Take an array for a picture: height x width (gray), or x 3 (RGB) or x 4 (RGBA), uint8.

    :raises ImageUnsupported: another shape or type.
    :raises ImageEmpty: an array without pixels.
    :raises TooManyPixels: more of them than the limit.
    """
    if pixels.dtype != np.uint8 or pixels.ndim not in {2, 3} or pixels.shape[2:] not in CHANNELS:
        raise ImageUnsupported(
            f"an array of {pixels.dtype} and shape {pixels.shape} is no picture:"
            " uint8 of height x width, or x 3 (RGB), or x 4 (RGBA) is"
        )
    if not pixels.size:
        raise ImageEmpty("the array has no pixels")
    check_pixel_count(pixels.shape[1], pixels.shape[0], limits)
    if pixels.ndim == 2:
        return Picture(np.repeat(pixels[..., np.newaxis], 3, axis=2))
    return split_channels(pixels.copy())


def split_channels(pixels: NDArray[np.uint8]) -> Picture:
    """Part colour from opacity: ``pixels`` is height x width x 3 (RGB) or 4 (RGBA), contiguous.

    The picture takes over their memory: a second plane of colours would cost as much time again.
    """
    height, width, channels = pixels.shape
    if channels == 3:
        return Picture(pixels)
    rgb = pixels.reshape(-1)[: height * width * 3].reshape(height, width, 3)
    alpha: NDArray[np.uint8] | None = None
    for rows in split_rows(height, width):
        band = pixels[rows]
        if alpha is None and not is_opaque(band):
            alpha = np.full((height, width), MAX_GRAY, np.uint8)
        if alpha is not None:
            alpha[rows] = cv2.extractChannel(band, 3)
        # It moves up, where the bands before have been.
        rgb[rows] = cv2.cvtColor(band, cv2.COLOR_RGBA2RGB)
    return Picture(rgb, alpha)


def is_opaque(rgba: NDArray[np.uint8]) -> bool:
    """Tell whether every pixel is: a pixel at a time, where a look at each alpha takes thrice as long."""
    return bool(np.bitwise_and.reduce(rgba.view(np.uint32), axis=None) & OPAQUE == OPAQUE)


def make_stand_in(
    width: int, height: int, color_profiles: ColorProfiles, *, frames: int, is_tone_mapped: bool
) -> Picture:
    """Make a black picture that takes no memory. It stands for any that is compared with itself.

    Takes what the header of the file says; the stored values of HDR are not tone-mapped.
    """
    return Picture(
        np.broadcast_to(np.zeros(3, np.uint8), (height, width, 3)),
        frames=frames,
        is_tone_mapped=is_tone_mapped and color_profiles is ColorProfiles.APPLY,
    )


def check_pixel_count(width: int, height: int, limits: Limits) -> None:
    """:raises TooManyPixels: the picture has more than the limit."""
    if width * height > limits.max_pixels:
        raise TooManyPixels(
            f"the image has {width} x {height} pixels, more than the limit of {limits.max_pixels}"
        )
