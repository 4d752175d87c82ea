"""WebP: lossy, lossless, opacity, animations and metadata: https://developers.google.com/speed/webp/docs/riff_container."""

import io
import struct
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from PIL import Image

from tests.engine.pictures import Pixels

from .drawing import Variants, gray_scene, merge, scene, translucent_scene
from .metadata import BROKEN_PROFILE, ORDERS, PROFILES, exif, xmp

WIDTH, HEIGHT = 48, 32
# Of a VP8X chunk.
ANIMATION, XMP, EXIF, ALPHA, PROFILE = 0x02, 0x04, 0x08, 0x10, 0x20
# Of an ANMF chunk.
DISPOSE, DO_NOT_BLEND = 1, 2

Chunk = tuple[bytes, bytes]


def encode(pixels: Pixels, **settings: Any) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "WEBP", **settings)
    return buffer.getvalue()


def wrap(*chunks: Chunk) -> bytes:
    body = b"WEBP" + b"".join(
        name + struct.pack("<I", len(data)) + data + bytes(len(data) % 2) for name, data in chunks
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


def extended(flags: int, width: int = WIDTH, height: int = HEIGHT) -> Chunk:
    return b"VP8X", struct.pack("<I", flags) + pack_sides(width - 1, height - 1)


def pack_sides(*numbers: int) -> bytes:
    return b"".join(number.to_bytes(3, "little") for number in numbers)


def bitstream(pixels: Pixels, *, lossless: bool = False) -> list[Chunk]:
    """Encode, and give the chunks of the pixels alone."""
    content, chunks, position = encode(pixels, lossless=lossless, quality=90), [], 12
    while position < len(content):
        name, length = struct.unpack_from("<4sI", content, position)
        if name != b"VP8X":
            chunks.append((name, content[position + 8 : position + 8 + length]))
        position += 8 + length + length % 2
    return chunks


def describe(
    flags: int, *chunks: Chunk, pixels: Pixels | None = None, first: bool = False
) -> bytes:
    """Put chunks behind the pixels, or before them."""
    image = bitstream(scene() if pixels is None else pixels)
    body = [*chunks, *image] if first else [*image, *chunks]
    return wrap(extended(flags), *body)


def frame(
    pixels: Pixels, left: int = 0, top: int = 0, *, flags: int = 0, lossless: bool = False
) -> Chunk:
    """``left`` and ``top`` are even."""
    height, width = pixels.shape[:2]
    header = pack_sides(left // 2, top // 2, width - 1, height - 1, 100) + bytes([flags])
    return b"ANMF", header + wrap(*bitstream(pixels, lossless=lossless))[12:]


def animate(
    draw: Callable[[], Chunk], *, background: int = 0xFFFFFFFF, flags: int = ANIMATION | ALPHA
) -> bytes:
    """Let a second frame follow, which is plain."""
    control = (b"ANIM", struct.pack("<IH", background, 0))
    second = frame(np.full((HEIGHT, WIDTH, 3), 90, np.uint8))
    return wrap(extended(flags), control, draw(), second)


FRAMES = {
    "whole": partial(frame, scene()),
    "whole-translucent": partial(frame, translucent_scene()),
    "whole-lossless": partial(frame, translucent_scene(), lossless=True),
    "small": partial(frame, scene(20, 12), 8, 6),
    "small-translucent": partial(frame, translucent_scene(20, 12), 8, 6),
    "small-lossless": partial(frame, translucent_scene(20, 12), 8, 6, lossless=True),
    "small-not-blended": partial(frame, translucent_scene(20, 12), 8, 6, flags=DO_NOT_BLEND),
    "small-disposed": partial(frame, scene(20, 12), 8, 6, flags=DISPOSE),
}
SIZES = [(1, 1), (7, 5), (16, 16), (17, 33), (65, 3)]

VARIANTS: Variants = merge(
    {
        f"lossy-{width}-x-{height}": partial(encode, scene(width, height), quality=80)
        for width, height in SIZES
    },
    {
        f"lossy-quality-{quality}": partial(encode, scene(), quality=quality)
        for quality in (1, 40, 100)
    },
    {
        f"lossless-{width}-x-{height}": partial(encode, scene(width, height), lossless=True)
        for width, height in SIZES
    },
    {
        "lossless-gray": partial(encode, np.dstack([gray_scene()] * 3), lossless=True),
        "lossless-few-colors": partial(encode, scene() // 100 * 100, lossless=True),
        "lossless-two-colors": partial(encode, scene() // 128 * 255, lossless=True),
        "lossless-alpha": partial(encode, translucent_scene(), lossless=True),
        "lossless-alpha-exact": partial(encode, translucent_scene(), lossless=True, exact=True),
        "lossy-alpha": partial(encode, translucent_scene()),
        "lossy-alpha-quality-50": partial(encode, translucent_scene(), alpha_quality=50),
        "lossy-alpha-quality-0": partial(encode, translucent_scene(), alpha_quality=0),
        "lossy-alpha-method-0": partial(encode, translucent_scene(), method=0),
        "lossy-alpha-method-6": partial(encode, translucent_scene(), method=6),
    },
    {
        f"orientation-{orientation}-{order}-endian": partial(
            describe, EXIF, (b"EXIF", exif(orientation, order=order))
        )
        for orientation in range(1, 9)
        for order in ORDERS
    },
    {
        f"profile-{name}": partial(describe, PROFILE, (b"ICCP", icc), first=True)
        for name, icc in PROFILES.items()
    },
    {f"animated-{name}": partial(animate, draw) for name, draw in FRAMES.items()},
    {
        "animated-black-background": partial(animate, FRAMES["small"], background=0xFF000000),
        "animated-without-alpha-flag": partial(animate, FRAMES["small"], flags=ANIMATION),
        "alpha-profile": partial(
            describe,
            PROFILE | ALPHA,
            (b"ICCP", PROFILES["p3"]),
            pixels=translucent_scene(),
            first=True,
        ),
        "broken-profile": partial(describe, PROFILE, (b"ICCP", BROKEN_PROFILE), first=True),
        "profile-without-flag": partial(describe, 0, (b"ICCP", PROFILES["p3"]), first=True),
        "profile-behind-the-pixels": partial(describe, PROFILE, (b"ICCP", PROFILES["p3"])),
        "alpha-without-flag": partial(describe, 0, pixels=translucent_scene()),
        "alpha-flag-without-alpha": partial(describe, ALPHA),
        "exif-empty": partial(describe, EXIF, (b"EXIF", b"")),
        "exif-garbage": partial(describe, EXIF, (b"EXIF", b"garbage" * 9)),
        "exif-missing": partial(describe, EXIF),
        "exif-jpeg-headed": partial(describe, EXIF, (b"EXIF", b"Exif\0\0" + exif(6))),
        "xmp": partial(describe, XMP, (b"XMP ", xmp(6))),
        "xmp-garbage": partial(describe, XMP, (b"XMP ", b"\xff\xfe\0")),
        "unknown-chunk": partial(describe, 0, (b"WHAT", b"ever")),
        "bytes-behind-the-end": lambda: encode(scene()) + b"garbage",
    },
)
