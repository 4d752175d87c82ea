"""BMP: headers, depths, masks and runs: https://learn.microsoft.com/windows/win32/gdi/bitmap-header-types."""

import struct
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.engine.pictures import Pixels

from .drawing import Variants, merge, scene, translucent_scene
from .metadata import PROFILES

CORE, INFO, V2, V3, OS2, V4, V5 = 12, 40, 52, 56, 64, 108, 124
HEADERS = {"info": INFO, "v2": V2, "v3": V3, "v4": V4, "v5": V5}
RGB, FIELDS, ALPHA_FIELDS = 0, 3, 6
# https://learn.microsoft.com/windows/win32/api/wingdi/ns-wingdi-bitmapv5header
CALIBRATED, SRGB, EMBEDDED = 0, 0x73524742, 0x4D424544
WIDTH, HEIGHT = 21, 13

Masks = tuple[int, int, int, int]


def encode(
    data: bytes,
    bits: int,
    *,
    header: int = INFO,
    compression: int = RGB,
    masks: Masks | None = None,
    palette: bytes = b"",
    used: int = 0,
    size: tuple[int, int] = (WIDTH, HEIGHT),
    gap: int = 0,
    color_space: int = SRGB,
    gamma: float = 0,
    profile: bytes = b"",
) -> bytes:
    """Put headers before the rows. A negative height says that these go from the top down."""
    width, height = size
    if header == CORE:
        fields = struct.pack("<HHHH", width, height, 1, bits)
    else:
        fields = struct.pack(
            "<iiHHIIiiII", width, height, 1, bits, compression, len(data), 2835, 2835, used, 0
        )
    tail = b""
    if masks:
        packed = struct.pack("<4I", *masks)
        shown = 16 if header >= V3 or compression == ALPHA_FIELDS else 12
        if header == INFO:
            tail = packed[:shown]
        else:
            fields += packed[:shown]
    fields = fields.ljust(header - 4, b"\0")
    if header >= V4:
        fields = set_color_space(fields, color_space, gamma)
    offset = 14 + header + len(tail) + len(palette) + gap
    if header == V5 and profile:
        place = struct.pack("<II", offset - 14 + len(data), len(profile))
        fields = fields[: 112 - 4] + place + fields[120 - 4 :]
    body = struct.pack("<I", header) + fields + tail + palette + bytes(gap) + data + profile
    return struct.pack("<2sIII", b"BM", 14 + len(body), 0, offset) + body


def set_color_space(fields: bytes, color_space: int, gamma: float) -> bytes:
    """Name it, with sRGB's primaries, and the same gamma for all three."""
    # x, y and z of red, green and blue, which browsers take for chromaticities.
    xyz = (0.64, 0.33, 0.03, 0.30, 0.60, 0.10, 0.15, 0.06, 0.79)
    end_points = struct.pack("<9i", *(round(value * 2**30) for value in xyz))
    gammas = struct.pack("<3I", *[round(gamma * 65536)] * 3)
    space = struct.pack("<I", color_space) + end_points + gammas
    return fields[: 56 - 4] + space + fields[108 - 4 :]


def pack(samples: NDArray[Any], bits: int) -> bytes:
    """Pack height x width samples in rows of four bytes, from the bottom up."""
    planes = (samples[::-1, :, np.newaxis].astype(np.int64) >> np.arange(bits)[::-1]) & 1
    if bits > 8:
        # Bytes are swapped: the lowest comes first.
        planes = planes.reshape(*samples.shape, bits // 8, 8)[:, :, ::-1]
    rows = np.packbits(planes.reshape(len(samples), -1).astype(np.uint8), axis=1)
    return np.pad(rows, ((0, 0), (0, -rows.shape[1] % 4))).tobytes()


def colors(count: int, *, step: int = 4) -> bytes:
    """Make a palette of BGR, or of BGR and a byte that means nothing."""
    index = np.arange(count)
    table = np.stack([index * 37 + 9, index * 101 + 60, 255 - index * 53, index * 0], axis=1)
    return (table % 256).astype(np.uint8)[:, :step].tobytes()


def indexes(bits: int) -> NDArray[Any]:
    return np.asarray(np.arange(WIDTH * HEIGHT).reshape(HEIGHT, WIDTH) % 2**bits)


def encode_indexes(bits: int, **settings: Any) -> bytes:
    step = 3 if settings.get("header") == CORE else 4
    settings = {"palette": colors(2**bits, step=step)} | settings
    return encode(pack(indexes(bits), bits), bits, **settings)


def fill_masks(pixels: Pixels, masks: Sequence[int]) -> NDArray[Any]:
    """Put the highest bits of height x width x channels into these places of one number."""
    samples = np.zeros(pixels.shape[:2], np.int64)
    for channel, mask in enumerate(masks[: pixels.shape[2]]):
        if mask:
            shift, depth = (mask & -mask).bit_length() - 1, mask.bit_count()
            value = np.round(pixels[..., channel] / 255 * (2**depth - 1)).astype(np.int64)
            samples |= value << shift
    return samples


def encode_masks(masks: Masks, bits: int, **settings: Any) -> bytes:
    picture = translucent_scene(WIDTH, HEIGHT) if masks[3] else scene(WIDTH, HEIGHT)
    settings = {"compression": FIELDS} | settings
    return encode(pack(fill_masks(picture, masks), bits), bits, masks=masks, **settings)


def encode_plain(bits: int, *, alpha: int | None = None, **settings: Any) -> bytes:
    """Encode colours where they are without masks; ``alpha`` is what the unused bits hold."""
    masks = {16: (0x7C00, 0x3E0, 0x1F)}.get(bits, (0xFF0000, 0xFF00, 0xFF))
    samples = fill_masks(scene(WIDTH, HEIGHT), masks)
    if alpha is not None:
        samples |= alpha << (15 if bits == 16 else 24)
    return encode(pack(samples, bits), bits, **settings)


def turn_over(bits: int, **settings: Any) -> bytes:
    """Say that the rows go from the top down."""
    size = (WIDTH, -HEIGHT)
    if bits <= 8:
        return encode_indexes(bits, size=size, **settings)
    return encode_plain(bits, size=size, **settings)


MASKS_16: dict[str, Masks] = {
    "565": (0xF800, 0x7E0, 0x1F, 0),
    "555": (0x7C00, 0x3E0, 0x1F, 0),
    "444": (0xF00, 0xF0, 0xF, 0),
    "bgr-565": (0x1F, 0x7E0, 0xF800, 0),
    "811": (0xFF00, 0x80, 0x40, 0),
    "332": (0xE0, 0x1C, 0x3, 0),
    "1555": (0x7C00, 0x3E0, 0x1F, 0x8000),
    "4444": (0xF00, 0xF0, 0xF, 0xF000),
    "8-bit-alpha": (0xE0, 0x1C, 0x3, 0xFF00),
}
MASKS_32: dict[str, Masks] = {
    "888": (0xFF0000, 0xFF00, 0xFF, 0),
    "rgb-888": (0xFF, 0xFF00, 0xFF0000, 0),
    "888-high": (0xFF000000, 0xFF0000, 0xFF00, 0),
    "10-10-10": (0x3FF00000, 0xFFC00, 0x3FF, 0),
    "11-11-10": (0xFFE00000, 0x1FFC00, 0x3FF, 0),
    "6-bit-gaps": (0xFC0000, 0xFC00, 0xFC, 0),
    "8888": (0xFF0000, 0xFF00, 0xFF, 0xFF000000),
    "rgba-8888": (0xFF, 0xFF00, 0xFF0000, 0xFF000000),
    "alpha-low": (0xFF000000, 0xFF0000, 0xFF00, 0xFF),
    "10-10-10-2": (0x3FF00000, 0xFFC00, 0x3FF, 0xC0000000),
    "1-bit-alpha": (0xFF0000, 0xFF00, 0xFF, 0x80000000),
    "no-blue": (0xFF0000, 0xFF00, 0, 0),
}

INDEXED = {
    f"{bits}-{name}": partial(encode_indexes, bits, header=header)
    for bits in (1, 2, 4, 8)
    for name, header in ({"core": CORE, "os2": OS2} | HEADERS).items()
    # Browsers know no 2 bits of OS/2.
    if not (bits == 2 and header in {CORE, OS2})
}
PLAIN = {
    f"{bits}-{name}": partial(encode_plain, bits, header=header)
    for bits in (16, 24, 32)
    for name, header in HEADERS.items()
}
MASKED = {
    f"{bits}-masks-{name}-{header_name}": partial(encode_masks, masks, bits, header=header)
    for bits, table in {16: MASKS_16, 32: MASKS_32}.items()
    for name, masks in table.items()
    for header_name, header in HEADERS.items()
    # Shorter headers have no place for alpha.
    if (header_name in {"v3", "v4", "v5"} if masks[3] else header_name in {"info", "v2", "v4"})
}
OTHERS = {
    **{f"{bits}-top-down": partial(turn_over, bits) for bits in (1, 4, 8, 16, 24, 32)},
    **{
        f"{bits}-fewer-colors": partial(
            encode_indexes, bits, palette=colors(2**bits - 1), used=2**bits - 1
        )
        for bits in (1, 4, 8)
    },
    "8-more-colors": partial(encode_indexes, 8, palette=colors(300), used=300),
    "8-gap": partial(encode_indexes, 8, gap=6),
    "24-core": partial(encode_plain, 24, header=CORE),
    "24-palette": partial(encode_plain, 24, palette=colors(16), used=16),
    "32-alpha-zero": partial(encode_plain, 32, alpha=0),
    "32-alpha-unused": partial(encode_plain, 32, alpha=90),
    "32-v4-alpha-unused": partial(encode_plain, 32, alpha=90, header=V4),
    "16-highest-bit-unused": partial(encode_plain, 16, alpha=1),
    "32-masks-8888-info": partial(encode_masks, MASKS_32["8888"], 32, compression=ALPHA_FIELDS),
    "16-masks-4444-info": partial(encode_masks, MASKS_16["4444"], 16, compression=ALPHA_FIELDS),
    **{
        f"32-{name}-alpha-all-zero": partial(
            encode_plain,
            32,
            alpha=0,
            header=header,
            compression=FIELDS,
            masks=MASKS_32["8888"],
        )
        for name, header in {"v3": V3, "v4": V4, "v5": V5}.items()
    },
    "24-v5-profile": partial(
        encode_plain, 24, header=V5, color_space=EMBEDDED, profile=PROFILES["linear"]
    ),
    "8-v5-profile": partial(
        encode_indexes, 8, header=V5, color_space=EMBEDDED, profile=PROFILES["p3"]
    ),
    "24-v4-calibrated-gamma-10": partial(
        encode_plain, 24, header=V4, color_space=CALIBRATED, gamma=1.0
    ),
    "24-v4-calibrated-gamma-22": partial(
        encode_plain, 24, header=V4, color_space=CALIBRATED, gamma=2.2
    ),
}

VARIANTS: Variants = merge(INDEXED, PLAIN, MASKED, OTHERS)
