"""PNG: every kind of sample, transparency, orientation, and metadata that is damaged: https://www.w3.org/TR/png-3/."""

import struct
import zlib
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.engine.pictures import encode_png, png_chunk

from .drawing import Variants, gray_scene, merge, scene, translucent_scene
from .metadata import LONG, ORDERS, exif, xmp

GRAY, RGB, PALETTE, GRAY_ALPHA, RGBA = 0, 2, 3, 4, 6
COLOR_TYPES = {
    "gray": (GRAY, [1, 2, 4, 8, 16]),
    "rgb": (RGB, [8, 16]),
    "palette": (PALETTE, [1, 2, 4, 8]),
    "gray-alpha": (GRAY_ALPHA, [8, 16]),
    "rgba": (RGBA, [8, 16]),
}
WAYS = {"straight": False, "interlaced": True}
SIGNATURE_AND_HEADER = 8 + 25

Chunk = tuple[bytes, bytes]


def sample(color_type: int, depth: int) -> NDArray[Any]:
    """Make height x width x channels samples of this depth; of palettes, one index after the other."""
    if color_type == PALETTE:
        return np.asarray(np.arange(17 * 19).reshape(17, 19, 1) % 2**depth)
    pixels = {
        GRAY: gray_scene()[..., np.newaxis],
        RGB: scene(),
        GRAY_ALPHA: translucent_scene()[..., [0, 3]],
        RGBA: translucent_scene(),
    }[color_type].astype(np.uint32)
    # The low bits of 16 are others than the high ones.
    return pixels * 256 + (pixels * 7 + 90) % 256 if depth == 16 else pixels >> (8 - depth)


def palette(depth: int) -> Chunk:
    """Make 2^depth colours, no two of them alike."""
    index = np.arange(2**depth)
    colors = np.stack([index * 37 % 256, index * 101 % 256, 255 - index * 53 % 256], axis=1)
    return b"PLTE", colors.astype(np.uint8).tobytes()


def encode(color_type: int, depth: int, *chunks: Chunk, interlaced: bool = False) -> bytes:
    base = [palette(depth)] if color_type == PALETTE else []
    return encode_png(
        sample(color_type, depth),
        depth=depth,
        color_type=color_type,
        chunks=[*base, *chunks],
        interlaced=interlaced,
    )


def encode_transparent_color(color_type: int, depth: int, *, interlaced: bool) -> bytes:
    color = sample(color_type, depth)[5, 40].tolist()
    return encode(
        color_type, depth, (b"tRNS", struct.pack(f">{len(color)}H", *color)), interlaced=interlaced
    )


def encode_palette_opacity(depth: int, opacity: bytes) -> bytes:
    return encode(PALETTE, depth, (b"tRNS", opacity))


def transparent_at(index: int) -> bytes:
    return b"\xff" * index + b"\0"


def insert_raw(raw: bytes, *, after: bytes = b"") -> bytes:
    """Insert bytes behind the header, or behind the pixels."""
    content = encode(RGB, 8)
    place = content.index(b"IEND") - 4 if after == b"IDAT" else SIGNATURE_AND_HEADER
    return content[:place] + raw + content[place:]


def shorten_palette(depth: int) -> bytes:
    """Leave out the colours of the upper half of all indexes."""
    return encode_png(
        sample(PALETTE, depth), depth=depth, color_type=PALETTE, chunks=[palette(depth - 1)]
    )


def damage_pixels_checksum() -> bytes:
    """Damage that of the compressed stream, in a chunk whose own one is right."""
    content = encode(RGB, 8)
    place = content.index(b"IDAT")
    length = int.from_bytes(content[place - 4 : place], "big")
    data = content[place + 4 : place + 4 + length]
    return (
        content[: place - 4] + png_chunk(b"IDAT", data[:-4] + b"\0\1\2\3") + png_chunk(b"IEND", b"")
    )


def damage_checksum(kind: bytes, data: bytes) -> bytes:
    return png_chunk(kind, data)[:-4] + b"\0\1\2\3"


INDEXES = {1: range(2), 2: range(4), 4: range(16), 8: [0, 1, 127, 254, 255]}

SAMPLES = {
    f"{name}-{depth}-{way}": partial(encode, color_type, depth, interlaced=interlaced)
    for name, (color_type, depths) in COLOR_TYPES.items()
    for depth in depths
    for way, interlaced in WAYS.items()
}
TRANSPARENT_COLORS = {
    f"{name}-{depth}-transparent-color-{way}": partial(
        encode_transparent_color, color_type, depth, interlaced=interlaced
    )
    for name, (color_type, depths) in COLOR_TYPES.items()
    if name in {"gray", "rgb"}
    for depth in depths
    for way, interlaced in WAYS.items()
}
TRANSPARENT_INDEXES = {
    f"palette-{depth}-transparent-at-{index}": partial(
        encode_palette_opacity, depth, transparent_at(index)
    )
    for depth, indexes in INDEXES.items()
    for index in indexes
} | {
    f"palette-{depth}-translucent": partial(
        encode_palette_opacity, depth, bytes(range(0, 256, 256 >> depth))
    )
    for depth in INDEXES
}
ORIENTATIONS = {
    f"orientation-{orientation}-{order}-endian": partial(
        encode, RGB, 8, (b"eXIf", exif(orientation, order=order))
    )
    for orientation in range(1, 9)
    for order in ORDERS
} | {
    "orientation-0": partial(encode, RGB, 8, (b"eXIf", exif(0))),
    "orientation-9": partial(encode, RGB, 8, (b"eXIf", exif(9))),
    "orientation-long": partial(encode, RGB, 8, (b"eXIf", exif(6, kind=LONG))),
    "orientation-behind-the-pixels": partial(
        insert_raw, png_chunk(b"eXIf", exif(6)), after=b"IDAT"
    ),
    "orientation-in-xmp": partial(
        encode, RGB, 8, (b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp(6))
    ),
    "orientation-behind-a-jpeg-header": partial(encode, RGB, 8, (b"eXIf", b"Exif\0\0" + exif(6))),
    "orientation-in-a-text": partial(
        encode,
        RGB,
        8,
        (b"tEXt", b"Raw profile type exif\0\nexif\n%8d\n" % 32 + exif(6).hex().encode() + b"\n"),
    ),
    "gray-orientation-6": partial(encode, GRAY, 8, (b"eXIf", exif(6))),
    "palette-orientation-6": partial(encode, PALETTE, 4, (b"eXIf", exif(6))),
    "rgba-16-orientation-6": partial(encode, RGBA, 16, (b"eXIf", exif(6))),
}
DAMAGED: dict[str, bytes] = {
    "text-bad-checksum": damage_checksum(b"tEXt", b"Title\0A"),
    "compressed-text-bad-checksum": damage_checksum(b"zTXt", b"Title\0\0" + zlib.compress(b"A")),
    "international-text-bad-checksum": damage_checksum(b"iTXt", b"Title\0\0\0\0\0A"),
    "physical-size-bad-checksum": damage_checksum(b"pHYs", bytes(9)),
    "physical-size-short": png_chunk(b"pHYs", bytes(3)),
    "gamma-short": png_chunk(b"gAMA", bytes(2)),
    "gamma-zero": png_chunk(b"gAMA", bytes(4)),
    "chromaticities-short": png_chunk(b"cHRM", bytes(7)),
    "time-short": png_chunk(b"tIME", bytes(2)),
    "exif-garbage": png_chunk(b"eXIf", b"garbage"),
    "exif-empty": png_chunk(b"eXIf", b""),
    "exif-bad-checksum": damage_checksum(b"eXIf", exif(6)),
    "compressed-text-unknown-method": png_chunk(b"zTXt", b"Title\0\7" + zlib.compress(b"A")),
    "compressed-text-not-compressed": png_chunk(b"zTXt", b"Title\0\0plain"),
    "compressed-text-of-2-mb": png_chunk(b"zTXt", b"Title\0\0" + zlib.compress(bytes(2_000_000))),
    "text-without-keyword": png_chunk(b"tEXt", b""),
    "profile-bad-checksum": damage_checksum(b"iCCP", b"P\0\0" + zlib.compress(bytes(200))),
    "profile-unknown-method": png_chunk(b"iCCP", b"P\0\7" + zlib.compress(bytes(200))),
    "profile-empty": png_chunk(b"iCCP", b""),
    "unknown-chunk": png_chunk(b"prIv", b"whatever"),
    "background-color": png_chunk(b"bKGD", struct.pack(">3H", 255, 0, 0)),
    "significant-bits": png_chunk(b"sBIT", b"\5\6\5"),
}

VARIANTS: Variants = merge(
    SAMPLES,
    TRANSPARENT_COLORS,
    TRANSPARENT_INDEXES,
    ORIENTATIONS,
    {f"palette-{depth}-half-missing": partial(shorten_palette, depth) for depth in (2, 4, 8)},
    {"pixels-bad-checksum": damage_pixels_checksum},
    {f"with-{name}": partial(insert_raw, raw) for name, raw in DAMAGED.items()},
)
