"""Bytes in, picture out: the header by Pillow, the pixels by whichever decoder is best at their kind.

Files are hostile, so speed is not the only matter: OpenCV is never shown a PNG, where it has crashed on
corrupt animations. Pillow reads what the others don't, and all that they refuse, and then says what is
wrong with it. A decoder that sees another size than Pillow has read is not believed.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL.ImageFile import ImageFile

from .composite import Color, lay_on
from .decoders import kornia, opencv, pillow, turbojpeg
from .decoders.errors import DecoderRefused
from .header import UPRIGHT, find_orientation, is_opened_fast, open_image
from .options import Limits
from .picture import Picture, split_channels
from .profile import convert_to_srgb

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Decoder:
    """``reads`` tells by the header whether ``read`` is for this kind of picture.

    ``read`` gives height x width x 3 or 4, RGB or RGBA, exactly the pixels that Pillow would.
    """

    reads: Callable[[ImageFile], bool]
    read: Callable[[bytes, ImageFile], Pixels]


DECODERS = [
    # 8 and 16 bits a channel, no palette. Rust: memory-safe, a third of libpng's time and the least
    # memory. It holds the interpreter lock, which decoder_pool.py gets around.
    Decoder(kornia.reads, kornia.read_pixels),
    # Gray and YCbCr. As exact as Pillow, and without its copies; refuses what libjpeg only warns of.
    Decoder(turbojpeg.reads, turbojpeg.read_pixels),
    # Stills. Two thirds of Pillow's time and a third of its memory: Pillow reads all WebP as animations.
    Decoder(opencv.reads, opencv.read_pixels),
]

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


def decode_image(content: bytes, limits: Limits) -> Picture:
    """Decode an encoded image: upright, first frame, 8 bits per channel, sRGB.

    Pixels are counted from the header, before any is decoded.

    :raises DecodeError: the leaf that says what is wrong with ``content``.
    """
    with open_image(content, limits) as image:
        pixels = read_fast(image, content)
        if pixels is None:
            pixels = pillow.read_pixels(image, content, limits)
        return finish_picture(pixels, image, content)


def decode_on(content: bytes, background: Color, limits: Limits) -> Picture:
    """Decode an encoded image, and lay it on a plain background.

    :raises DecodeError: the leaf that says what is wrong with ``content``.
    """
    return lay_on(decode_image(content, limits), background)


def decode_fast(content: bytes, limits: Limits) -> Picture | None:
    """Decode an image by a decoder that takes memory as the header says; None where none of them does.

    :raises DecodeError: the leaf that says what is wrong with the header.
    """
    if not is_opened_fast(content):
        return None
    with open_image(content, limits) as image:
        pixels = read_fast(image, content)
        return None if pixels is None else finish_picture(pixels, image, content)


def read_fast(image: ImageFile, content: bytes) -> Pixels | None:
    """Read height x width x 3 or 4, RGB or RGBA, by the first decoder that takes the picture."""
    for decoder in DECODERS:
        if decoder.reads(image):
            with suppress(DecoderRefused):
                return decoder.read(content, image)
    return None


def finish_picture(pixels: Pixels, image: ImageFile, content: bytes) -> Picture:
    """Convert the pixels as their image says, and turn them upright."""
    converted = convert_to_srgb(pixels, image)
    return split_channels(turn_upright(converted, find_orientation(image, content)))


def turn_upright(pixels: Pixels, orientation: int) -> Pixels:
    if orientation == UPRIGHT or orientation not in TURNS:
        return pixels
    return np.asarray(TURNS[orientation](pixels), np.uint8)
