"""GIF files made block by block: https://www.w3.org/Graphics/GIF/spec-gif89a.txt."""

import struct
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Palette = Sequence[tuple[int, int, int]]

COLORS = [
    (red, green, blue)
    for red, green, blue in np.random.default_rng(2).integers(0, 256, (256, 3)).tolist()
]

END = b";"
# First row and distance of the rows of each pass.
PASSES = [(0, 8), (4, 8), (2, 4), (1, 2)]


def make_gif(
    *blocks: bytes,
    width: int = 8,
    height: int = 6,
    palette: Palette | None = COLORS[:16],
    background: int = 0,
    version: bytes = b"89a",
) -> bytes:
    """Make the screen, and what follows, its end included."""
    flags = 0 if palette is None else 0x80 | count_palette_bits(palette) - 1
    screen = struct.pack("<HHBBB", width, height, flags, background, 0)
    return b"GIF" + version + screen + pack_palette(palette) + b"".join(blocks) + END


def make_frame(
    indices: NDArray[np.integer],
    *,
    left: int = 0,
    top: int = 0,
    palette: Palette | None = None,
    code_bits: int = 4,
    is_interlaced: bool = False,
    data: bytes | None = None,
    block_bytes: int = 255,
) -> bytes:
    """Make a frame of height x width indices, or with other ``data`` than theirs."""
    height, width = indices.shape
    order = [row for first, step in PASSES for row in range(first, height, step)]
    stored = indices[order] if is_interlaced else indices
    flags = 0 if palette is None else 0x80 | count_palette_bits(palette) - 1
    place = struct.pack("<HHHHB", left, top, width, height, flags | 0x40 * is_interlaced)
    codes = compress(stored.ravel().tolist(), code_bits) if data is None else data
    pixels = bytes([code_bits]) + split_blocks(codes, block_bytes)
    return b"," + place + pack_palette(palette) + pixels


def make_control(*, transparent: int | None = None, disposal: int = 0) -> bytes:
    flags = disposal << 2 | (transparent is not None)
    return make_extension(0xF9, struct.pack("<BHB", flags, 0, transparent or 0))


def make_extension(label: int, *blocks: bytes) -> bytes:
    packed = b"".join(bytes([len(block)]) + block for block in blocks)
    return b"!" + bytes([label]) + packed + b"\0"


def count_palette_bits(palette: Palette) -> int:
    """Count those of its indices: its size is a power of two, and at least two."""
    return max(1, (len(palette) - 1).bit_length())


def pack_palette(palette: Palette | None) -> bytes:
    return b"".join(map(bytes, palette or ()))


def split_blocks(data: bytes, block_bytes: int = 255) -> bytes:
    pieces = [data[at : at + block_bytes] for at in range(0, len(data), block_bytes)]
    return b"".join(bytes([len(piece)]) + piece for piece in pieces) + b"\0"


def compress(indices: Sequence[int], code_bits: int, *, is_cleared_when_full: bool = True) -> bytes:
    """Compress indices by LZW, appendix F of the specification."""
    clear, end = 1 << code_bits, (1 << code_bits) + 1
    literals: dict[tuple[int, ...], int] = {(index,): index for index in range(clear)}
    codes, bits, known = [(clear, code_bits + 1)], code_bits + 1, dict(literals)
    following, string = end + 1, tuple[int, ...]()
    for index in indices:
        longer = (*string, index)
        if longer in known:
            string = longer
            continue
        codes.append((known[string], bits))
        string = (index,)
        if following < 4096:
            known[longer] = following
            bits = min(12, max(bits, following.bit_length()))
            following += 1
        elif is_cleared_when_full:
            codes.append((clear, bits))
            bits, known, following = code_bits + 1, dict(literals), end + 1
    codes.append((known[string], bits))
    bits = min(12, max(bits, following.bit_length()))
    return pack_codes([*codes, (end, bits)])


def pack_codes(codes: Sequence[tuple[int, int]]) -> bytes:
    """Pack codes of so many bits, the lowest bit first."""
    digits = "".join(f"{code:0{bits}b}"[::-1] for code, bits in codes)
    return bytes(int(digits[at : at + 8][::-1], 2) for at in range(0, len(digits), 8))
