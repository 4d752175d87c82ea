"""What the chunks of a PNG say of its colours: https://www.w3.org/TR/png-3/#11addnlcolinfo."""

import struct
import zlib
from itertools import takewhile

from comparisons.engine.color import (
    MAX_PROFILE_BYTES,
    Chromaticities,
    CodePoints,
    ColorSpace,
    choose_png_color_space,
)

from .png_chunks import Chunk, find_intact

CODE_POINTS_BYTES, GAMMA = 4, struct.Struct(">I")
# White, red, green and blue, in 1/100000.
CHROMATICITIES, CHROMATICITY_UNIT = struct.Struct(">8I"), 100_000
# In 1/10000 candela per square metre: of the brightest pixel, and of the display that it was made on.
LIGHT_LEVEL, DISPLAY, NIT_UNIT = struct.Struct(">I4x"), struct.Struct(">16x I 4x"), 10_000


def find_color_space(head: list[Chunk]) -> ColorSpace | None:
    """Read it from the chunks before the pixels. As in Chromium, code points have to be before a palette too."""
    before_palette = [*takewhile(lambda chunk: chunk.name != b"PLTE", head)]
    gamma = unpack(head, b"gAMA", GAMMA)
    return choose_png_color_space(
        read_code_points(find_intact(before_palette, b"cICP") or b""),
        inflate_profile(find_intact(head, b"iCCP") or b""),
        has_srgb=find_intact(head, b"sRGB") is not None,
        gamma=gamma[0] if gamma else None,
        chromaticities=read_chromaticities(unpack(head, b"cHRM", CHROMATICITIES)),
        peak_nits=find_peak(head),
    )


def unpack(head: list[Chunk], name: bytes, values: struct.Struct) -> tuple[int, ...] | None:
    """Read the values of a chunk; None if it is not there, damaged, or of another size."""
    data = find_intact(head, name)
    return values.unpack(data) if data and len(data) == values.size else None


def read_code_points(data: bytes) -> CodePoints | None:
    if len(data) != CODE_POINTS_BYTES:
        return None
    return data[0], data[1], data[2], data[3]


def read_chromaticities(values: tuple[int, ...] | None) -> Chromaticities | None:
    if values is None:
        return None
    white, red, green, blue = (
        (values[at] / CHROMATICITY_UNIT, values[at + 1] / CHROMATICITY_UNIT)
        for at in range(0, len(values), 2)
    )
    return Chromaticities(red=red, green=green, blue=blue, white=white)


def find_peak(head: list[Chunk]) -> float | None:
    """Find how bright the brightest pixel may be, in candela per square metre."""
    for name, values in ((b"cLLI", LIGHT_LEVEL), (b"mDCV", DISPLAY)):
        peak = unpack(head, name, values)
        if peak and peak[0]:
            return peak[0] / NIT_UNIT
    return None


def inflate_profile(data: bytes) -> bytes | None:
    """Inflate a colour profile, which comes behind its name and the number of the method, 0.

    None if that is damaged, or too large.
    """
    _, _, compressed = data.partition(b"\0")
    inflater = zlib.decompressobj()
    try:
        profile = inflater.decompress(compressed[1:], MAX_PROFILE_BYTES)
    except zlib.error:
        return None
    return profile if inflater.eof and compressed.startswith(b"\0") else None
