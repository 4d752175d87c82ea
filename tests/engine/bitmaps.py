"""BMP files made field by field: https://learn.microsoft.com/windows/win32/gdi/bitmap-header-types."""

import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from comparisons.engine import Picture

FILE_HEADER_BYTES = 14
RGB, RLE8, RLE4, BITFIELDS, RLE24, ALPHABITFIELDS = 0, 1, 2, 3, 4, 6
# Of https://learn.microsoft.com/windows/win32/api/wingdi/ns-wingdi-bitmapv5header, bV5CSType.
CALIBRATED, SRGB, WINDOWS, LINKED, EMBEDDED = 0, 0x73524742, 0x57696E20, 0x4C494E4B, 0x4D424544

COLORS = [
    (red, green, blue)
    for red, green, blue in np.random.default_rng(1).integers(0, 256, (256, 3)).tolist()
]

Palette = Sequence[tuple[int, int, int]]


def make_bmp(
    pixels: bytes,
    *,
    width: int,
    height: int,
    bits: int,
    header_bytes: int = 40,
    compression: int = RGB,
    masks: Sequence[int] = (),
    palette: Palette = (),
    colors_used: int = 0,
    color_space: int = SRGB,
    primaries: Sequence[float] = (),
    gammas: Sequence[float] = (),
    profile: bytes = b"",
    pixels_at: int | None = None,
) -> bytes:
    """Put masks in the header where it has room for them, and else behind it."""
    if header_bytes == 12:
        fields = struct.pack("<HHHH", width, height, 1, bits)
    else:
        fields = struct.pack(
            "<iiHHIIiiII", width, height, 1, bits, compression, 0, 0, 0, colors_used, 0
        )
    has_masks = header_bytes in {52, 56, 108, 124}
    inside = [*masks, 0, 0, 0, 0][:4] if has_masks else []
    fields += b"".join(struct.pack("<I", mask) for mask in inside)
    behind = b"" if has_masks else b"".join(struct.pack("<I", mask) for mask in masks)
    behind += make_palette(palette, 3 if header_bytes == 12 else 4)
    end = header_bytes + len(behind) + len(pixels)
    if header_bytes >= 108:
        fields += struct.pack("<I", color_space)
        fields += b"".join(struct.pack("<I", round(x * 2**30)) for x in (*primaries, *[0] * 9)[:9])
        fields += b"".join(struct.pack("<I", round(x * 2**16)) for x in (*gammas, 0, 0, 0)[:3])
        fields += struct.pack("<IIII", 0, end, len(profile), 0)
    header = (struct.pack("<I", header_bytes) + fields.ljust(header_bytes, b"\0"))[:header_bytes]
    start = FILE_HEADER_BYTES + header_bytes + len(behind)
    file_header = struct.pack("<2sIII", b"BM", 0, 0, start if pixels_at is None else pixels_at)
    return file_header + header + behind + pixels + profile


def make_palette(colors: Palette, color_bytes: int) -> bytes:
    return b"".join(bytes(reversed(color)).ljust(color_bytes, b"\0") for color in colors)


def pack_rows(samples: NDArray[Any], bits: int) -> bytes:
    """Pack height x width, of 1 to 32 bits, each row padded to four bytes, the lowest row first."""
    rows = []
    for row in samples[::-1].tolist():
        if bits >= 8:
            packed = b"".join(value.to_bytes(bits // 8, "little") for value in row)
        else:
            digits = "".join(f"{value:0{bits}b}" for value in row)
            digits = digits.ljust((len(digits) + 7) // 8 * 8, "0")
            packed = bytes(int(digits[at : at + 8], 2) for at in range(0, len(digits), 8))
        rows.append(packed + bytes(-len(packed) % 4))
    return b"".join(rows)


def describe(picture: Picture) -> NDArray[np.uint8]:
    """Return height x width x 4, RGBA."""
    opaque = np.full(picture.rgb.shape[:2], 255, np.uint8)
    return np.dstack([picture.rgb, opaque if picture.alpha is None else picture.alpha])
