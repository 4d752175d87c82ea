"""What the views have in common: how thick, how large, which colours, which letters."""

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from .bands import split_rows

Color = tuple[int, int, int]

# Vermilion and blue stay apart for every kind of colour blindness: https://jfly.uni-koeln.de/color/
DIFFERENT: Color = (213, 94, 0)
EXCUSED: Color = (0, 114, 178)
IGNORED: Color = (110, 110, 110)
PAPER: Color = (232, 232, 232)
INK: Color = (32, 32, 32)

# A page shows a picture about this many pixels tall or wide.
SHOWN_SIZE = 1000
# Nobody looks at more at once; and a line of a million pixels must not become a plane of them.
MAX_STROKE = 24
MAX_LINE_HEIGHT = 64
# No browser shows a side that is longer.
MAX_SHOWN_SIDE = 65_500


def choose_stroke(height: int, width: int) -> int:
    """Choose the width of a line that is a pixel wide when a page shows the whole picture."""
    return min(-(-max(height, width) // SHOWN_SIZE), MAX_STROKE)


def choose_line_height(width: int) -> int:
    """Choose how tall a line of text is in a picture of that width."""
    return min(max(16, width // 40), MAX_LINE_HEIGHT)


def shrink_sides(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Shrink a picture (height x width, or x 3) whose longer side no browser would show."""
    scale = MAX_SHOWN_SIDE / max(pixels.shape[:2])
    if scale >= 1:
        return pixels
    height, width = (max(1, round(side * scale)) for side in pixels.shape[:2])
    return np.asarray(cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def widen_values(values: NDArray[np.uint8], radius: int) -> NDArray[np.uint8]:
    """Let each value (height x width) reach ``radius`` pixels further; the highest wins."""
    return np.asarray(cv2.dilate(values, np.ones((2 * radius + 1,) * 2, np.uint8)), np.uint8)


def write_line(canvas: Image.Image, text: str, box: tuple[int, int, int, int], ink: Color) -> None:
    """Write a line of text as large as the box (left, top, right, bottom) allows, at its left."""
    left, top, right, bottom = box
    size = bottom - top
    natural_width = ImageFont.load_default(size).getlength(text)
    fitting = size * min(1, (right - left) / natural_width)
    font = ImageFont.load_default(fitting)
    ImageDraw.Draw(canvas).text((left, (top + bottom) / 2), text, fill=ink, font=font, anchor="lm")


def encode_rgb(rgb: NDArray[np.uint8]) -> bytes:
    """Encode height x width x 3, uint8, RGB as PNG."""
    # A fixed filter: trying all of them on every row takes thrice the time and saves nothing on pages.
    settings = [cv2.IMWRITE_PNG_COMPRESSION, 1, cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_UP]
    # For a while, in their own memory: as BGR beside them, the pixels would be held once more.
    swap_red_and_blue(rgb)
    _, encoded = cv2.imencode(".png", rgb, settings)
    swap_red_and_blue(rgb)
    return encoded.tobytes()


def swap_red_and_blue(pixels: NDArray[np.uint8]) -> None:
    for rows in split_rows(*pixels.shape[:2]):
        pixels[rows] = cv2.cvtColor(pixels[rows], cv2.COLOR_RGB2BGR)
