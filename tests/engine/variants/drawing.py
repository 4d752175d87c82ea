"""What the variants show."""

from collections.abc import Callable, Mapping

import numpy as np
from PIL import Image, ImageDraw

from tests.engine.pictures import Pixels

Variants = Mapping[str, Callable[[], bytes]]


def merge(*tables: Variants) -> Variants:
    return {name: make for table in tables for name, make in table.items()}


def scene(width: int = 48, height: int = 32) -> Pixels:
    """Draw soft colours with a few shapes; each corner is of another colour, so that every turn shows."""
    x = np.linspace(0, 1, width)[np.newaxis, :]
    y = np.linspace(0, 1, height)[:, np.newaxis]
    planes = (255 * x + 0 * y, 60 + 150 * y + 0 * x, 200 - 160 * x * y)
    image = Image.fromarray(np.dstack(planes).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    draw.ellipse((width // 6, height // 6, width // 2, height // 2), fill=(250, 210, 30))
    draw.rectangle(
        (width * 5 // 8, height // 2, width * 7 // 8, height * 7 // 8), fill=(20, 40, 120)
    )
    draw.line((0, height - 1, width // 2, height // 3), fill=(255, 255, 255), width=2)
    return np.array(image)


def gray_scene(width: int = 48, height: int = 32) -> Pixels:
    """Draw it in gray: height x width."""
    return np.asarray(Image.fromarray(scene(width, height)).convert("L"))


def translucent_scene(width: int = 48, height: int = 32) -> Pixels:
    """Draw it RGBA, from transparent on the left to opaque on the right."""
    alpha = np.tile(np.linspace(0, 255, width).round().astype(np.uint8), (height, 1))
    return np.dstack([scene(width, height), alpha])
