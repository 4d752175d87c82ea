"""Animated PNG: the first frame is shown, which the default image may not be: https://www.w3.org/TR/png-3/#apng-frame-based-animation."""

import struct
import zlib
from collections.abc import Sequence
from functools import partial

import numpy as np

from tests.engine.pictures import Pixels, pack_rows, png_chunk

from .drawing import Variants, merge, scene, translucent_scene
from .png import RGB, RGBA, Chunk

WIDTH, HEIGHT = 40, 30
SOURCE, OVER = 0, 1


def control(
    sequence: int, frame: Pixels, left: int, top: int, *, dispose: int, blend: int
) -> Chunk:
    height, width = frame.shape[:2]
    return b"fcTL", struct.pack(
        ">5I2H2B", sequence, width, height, left, top, 1, 10, dispose, blend
    )


def encode(
    *,
    frame: Pixels,
    left: int = 0,
    top: int = 0,
    default_is_frame: bool = False,
    dispose: int = 0,
    blend: int = SOURCE,
    extra: Sequence[Chunk] = (),
) -> bytes:
    """Encode an animation of two frames, the second inverted; the default image, if it is none, is plain."""
    channels = frame.shape[2]
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, RGB if channels == 3 else RGBA, 0, 0, 0)
    default = frame if default_is_frame else np.full((HEIGHT, WIDTH, channels), 90, np.uint8)
    settings = {"dispose": dispose, "blend": blend}
    first = control(0, frame, left, top, **settings)
    still = (b"IDAT", compress(default))
    sequence = 1
    chunks = [(b"IHDR", header), (b"acTL", struct.pack(">II", 2, 0)), *extra]
    if default_is_frame:
        chunks += [first, still]
    else:
        chunks += [still, first, (b"fdAT", struct.pack(">I", sequence) + compress(frame))]
        sequence += 1
    chunks += [
        control(sequence, frame, left, top, **settings),
        (b"fdAT", struct.pack(">I", sequence + 1) + compress(255 - frame)),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(*chunk) for chunk in chunks)


def compress(pixels: Pixels) -> bytes:
    return zlib.compress(pack_rows(pixels, 8))


FRAMES = {"opaque": scene, "translucent": translucent_scene}

VARIANTS: Variants = merge(
    {
        f"{name}-{where}-{blend_name}": partial(
            encode, frame=draw(WIDTH, HEIGHT), default_is_frame=default_is_frame, blend=blend
        )
        for name, draw in FRAMES.items()
        for where, default_is_frame in {
            "default-is-frame": True,
            "default-is-no-frame": False,
        }.items()
        for blend_name, blend in {"source": SOURCE, "over": OVER}.items()
    },
    {
        "small-first-frame": partial(encode, frame=scene(20, 10), left=7, top=9),
        "small-translucent-first-frame": partial(
            encode, frame=translucent_scene(20, 10), left=7, top=9, blend=OVER
        ),
        "disposed-to-background": partial(encode, frame=scene(WIDTH, HEIGHT), dispose=1),
        "disposed-to-previous": partial(encode, frame=scene(WIDTH, HEIGHT), dispose=2),
        "gamma-10": partial(
            encode, frame=scene(WIDTH, HEIGHT), extra=[(b"gAMA", struct.pack(">I", 100_000))]
        ),
    },
)
