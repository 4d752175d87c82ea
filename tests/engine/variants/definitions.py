"""What the variants are made of about which browsers differ: height x width x 4, uint8, RGBA.

Of AVIF, it is what was compressed; of the JPEG, what Pillow reads.
"""

import io
from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
from PIL import Image

from tests.engine.color_definitions import encode_srgb
from tests.engine.pictures import Pixels

from . import bmp, jpeg
from .drawing import gray_scene, scene, translucent_scene

Definitions = Mapping[str, Callable[[], Pixels]]

# Indexes of colours, the topmost row first, and a dot for each pixel that is left out:
# https://learn.microsoft.com/windows/win32/gdi/bitmap-compression.
NOTHING, FIVES, FIVES_AND_TENS = "........", "55555555", "5a5a5a5a"
RUNS = {
    "rle8-short-rows": ["555....."] * 4,
    "rle8-early-end": [NOTHING, "777.....", FIVES, FIVES],
    "rle8-end-in-the-first-row": [NOTHING, NOTHING, NOTHING, "11111111"],
    "rle8-step": [NOTHING, "...7777.", NOTHING, FIVES],
    "rle8-step-to-the-right": [FIVES, FIVES, FIVES, "11..7777"],
    "rle8-empty": [NOTHING] * 4,
    "rle8-empty-rows": [NOTHING] * 4,
    "rle4-short-rows": ["5a5....."] * 4,
    "rle4-early-end": [NOTHING, "7b7.....", FIVES_AND_TENS, FIVES_AND_TENS],
    "rle4-step": [NOTHING, "...7c7c.", NOTHING, FIVES_AND_TENS],
    "rle4-empty": [NOTHING] * 4,
}


def draw_runs(rows: list[str]) -> Pixels:
    bgrx = np.frombuffer(bmp.colors(16), np.uint8).reshape(16, 4)
    colors = {
        f"{index:x}": [red, green, blue, 255] for index, (blue, green, red, _) in enumerate(bgrx)
    }
    return np.array([[colors.get(index, [0] * 4) for index in row] for row in rows], np.uint8)


def make_opaque(rgb: Pixels) -> Pixels:
    return np.dstack([rgb, np.full(rgb.shape[:2], 255, np.uint8)])


def show_calibrated(gamma: float) -> Pixels:
    """Show colours of sRGB's primaries."""
    light = (scene(bmp.WIDTH, bmp.HEIGHT) / 255) ** gamma
    return make_opaque(encode_srgb(light).round().astype(np.uint8))


def read_print_size() -> Pixels:
    return np.asarray(Image.open(io.BytesIO(jpeg.encode_print_size())).convert("RGBA"))


def draw_gray() -> Pixels:
    return np.dstack([*[gray_scene()] * 3, translucent_scene()[..., 3]])


EXACT: Definitions = {
    **{f"bmp-{name}": partial(draw_runs, rows) for name, rows in RUNS.items()},
    **{
        f"bmp-32-{header}-alpha-all-zero": lambda: make_opaque(scene(bmp.WIDTH, bmp.HEIGHT))
        for header in ("v3", "v4", "v5")
    },
    "bmp-24-v4-calibrated-gamma-10": partial(show_calibrated, 1.0),
    "bmp-24-v4-calibrated-gamma-22": partial(show_calibrated, 2.2),
    "jpeg-print-size": read_print_size,
}
COMPRESSED: Definitions = {
    "avif-alpha-400": draw_gray,
    **{f"avif-alpha-{sampling}": translucent_scene for sampling in ("420", "422", "444")},
    **{f"avif-{bits}-bits-alpha": translucent_scene for bits in (8, 10, 12)},
    "avif-alpha-orientation-6": lambda: np.rot90(translucent_scene(), -1),
    "avif-alpha-premultiplied": translucent_scene,
    "avif-animated": lambda: make_opaque(scene()),
}
