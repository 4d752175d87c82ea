"""Bytes in, picture out: the pixels by whichever decoder is best at their kind.

Files are hostile, so speed is not the only matter: OpenCV is never shown a PNG, where it has crashed on
corrupt animations. Pillow reads what the fast decoders don't, and all that they refuse, and then says
what is wrong with it. A decoder that sees another size than the container's is not believed.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from .color import Raster, convert_to_srgb, is_high_dynamic_range
from .composite import Color, lay_on
from .containers import Container, Frame, find_format, read_container
from .containers.exif import UPRIGHT
from .decoders import avif, bmp, bmp_runs, gif, kornia, opencv, pillow, tiff, turbojpeg
from .decoders.errors import DecoderRefused
from .options import MAX_GRAY, ColorProfiles, Limits
from .picture import Picture, split_channels

Pixels = NDArray[np.uint8]
Decoder = Callable[[Container], Raster]

# The first choice, by format. They are memory-safe, or fuzzed for long.
FAST_DECODERS: dict[str, Decoder] = {
    # 8 and 16 bits a channel, no palette. Rust: memory-safe, a third of libpng's time and the least
    # memory. It holds the interpreter lock, which decoder_pool.py gets around.
    "PNG": kornia.read_raster,
    # Gray and YCbCr. As exact as Pillow, and without its copies; refuses what libjpeg only warns of.
    "JPEG": turbojpeg.read_raster,
    # Stills. Two thirds of Pillow's time and a third of its memory: Pillow reads all WebP as animations.
    "WebP": opencv.read_raster,
    # Rows, not runs. Half of Pillow's time or less.
    "BMP": bmp.read_raster,
}
# Those that read all pictures of a format, or say what is wrong with them.
DECODERS: dict[str, Decoder] = {
    "PNG": pillow.read_raster,
    "JPEG": pillow.read_raster,
    "WebP": pillow.read_raster,
    "GIF": gif.read_raster,
    "BMP": bmp_runs.read_raster,
    "TIFF": tiff.read_raster,
    "AVIF": avif.read_raster,
}

# What brings the stored rows and columns upright: https://www.cipa.jp/std/documents/e/DC-008-2012_E.pdf, 4.6.4 A.
TURNS: dict[int, Callable[[Pixels], cv2.typing.MatLike]] = {
    2: lambda pixels: cv2.flip(pixels, 1),
    3: lambda pixels: cv2.rotate(pixels, cv2.ROTATE_180),
    4: lambda pixels: cv2.flip(pixels, 0),
    5: cv2.transpose,
    6: lambda pixels: cv2.rotate(pixels, cv2.ROTATE_90_CLOCKWISE),
    7: lambda pixels: cv2.rotate(cv2.transpose(pixels), cv2.ROTATE_180),
    8: lambda pixels: cv2.rotate(pixels, cv2.ROTATE_90_COUNTERCLOCKWISE),
}


def decode_image(
    content: bytes, limits: Limits, color_profiles: ColorProfiles = ColorProfiles.APPLY
) -> Picture:
    """Decode an encoded image: upright, first frame, 8 bits per channel, sRGB.

    Pixels are counted from the header, before any is decoded.

    :raises DecodeError: the leaf that says what is wrong with ``content``.
    """
    container = read_container(content, limits)
    raster = read_fast(container) or DECODERS[container.format](container)
    return finish_picture(raster, container, color_profiles)


def decode_on(
    content: bytes,
    background: Color,
    limits: Limits,
    color_profiles: ColorProfiles = ColorProfiles.APPLY,
) -> Picture:
    """Decode an encoded image, and lay it on a plain background.

    :raises DecodeError: the leaf that says what is wrong with ``content``.
    """
    return lay_on(decode_image(content, limits, color_profiles), background)


def decode_fast(
    content: bytes, limits: Limits, color_profiles: ColorProfiles = ColorProfiles.APPLY
) -> Picture | None:
    """Decode an image by a decoder that takes memory as the header says; None where none of them does.

    :raises DecodeError: the leaf that says what is wrong with the header.
    """
    if find_format(content) not in FAST_DECODERS:
        return None
    container = read_container(content, limits)
    raster = read_fast(container) if container.memory_is_known else None
    return finish_picture(raster, container, color_profiles) if raster else None


def read_fast(container: Container) -> Raster | None:
    """Read the samples by a fast decoder, if one takes the picture."""
    with suppress(DecoderRefused):
        if container.format in FAST_DECODERS:
            return FAST_DECODERS[container.format](container)
    return None


def finish_picture(raster: Raster, container: Container, color_profiles: ColorProfiles) -> Picture:
    """Convert the colours as the file says, put the frame in its place, and turn the canvas upright."""
    color_space = container.color_space if color_profiles is ColorProfiles.APPLY else None
    pixels = convert_to_srgb(raster, color_space, cuts_depth=container.format == "PNG")
    if container.frame:
        pixels = put_on_canvas(pixels, container.frame, container)
    picture = split_channels(turn_upright(pixels, container.orientation))
    return replace(
        picture,
        frames=container.frames,
        is_tone_mapped=is_high_dynamic_range(color_space, container.model),
    )


def put_on_canvas(pixels: Pixels, frame: Frame, container: Container) -> Pixels:
    """Put a frame's pixels on a transparent canvas: height x width x 4, RGBA. What is beyond is cut off."""
    canvas = np.zeros((container.height, container.width, 4), np.uint8)
    covered = canvas[frame.top : frame.top + frame.height, frame.left : frame.left + frame.width]
    height, width = covered.shape[:2]
    covered[..., 3] = MAX_GRAY
    covered[..., : pixels.shape[2]] = pixels[:height, :width]
    return canvas


def turn_upright(pixels: Pixels, orientation: int) -> Pixels:
    if orientation == UPRIGHT:
        return pixels
    return np.asarray(TURNS[orientation](pixels), np.uint8)
