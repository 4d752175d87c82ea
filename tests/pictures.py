"""Pictures made in code, and encoded."""

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def encode(image: Image.Image, image_format: str = "PNG", **params: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, image_format, **params)
    return buffer.getvalue()


def plain(
    color: str | tuple[int, ...] = "white", size: tuple[int, int] = (8, 6), mode: str = "RGB"
) -> bytes:
    """Encode a picture of one colour as PNG."""
    return encode(Image.new(mode, size, color))


def noise(seed: int, size: tuple[int, int] = (40, 30)) -> NDArray[np.uint8]:
    """Draw random colours: height x width x 3."""
    width, height = size
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def encode_noise(
    seed: int, size: tuple[int, int] = (40, 30), image_format: str = "PNG", **params: Any
) -> bytes:
    return encode(Image.fromarray(noise(seed, size)), image_format, **params)


def encode_pixels(pixels: NDArray[np.uint8]) -> bytes:
    """Encode height x width x 3, RGB, as PNG."""
    return encode(Image.fromarray(pixels))
