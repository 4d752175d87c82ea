"""GIF: palettes, transparency, frames, interlacing: https://www.w3.org/Graphics/GIF/spec-gif89a.txt."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .drawing import Variants, merge

WIDTH, HEIGHT = 20, 14
# First row of each pass, and the steps between its rows.
PASSES = [(0, 8), (4, 8), (2, 4), (1, 2)]
KEEP, TO_BACKGROUND, TO_PREVIOUS = 1, 2, 3


def colors(bits: int, *, seed: int = 0) -> bytes:
    """Make 2^bits colours, no two of them alike."""
    index = np.arange(2**bits)
    table = np.stack([index * 37 + seed, index * 101 + 60 + seed, 255 - index * 53 - seed], axis=1)
    return (table % 256).astype(np.uint8).tobytes()


def indexes(width: int = WIDTH, height: int = HEIGHT, *, bits: int = 3) -> NDArray[Any]:
    """Name all colours one after the other: height x width."""
    return np.asarray(np.arange(width * height).reshape(height, width) % 2**bits)


@dataclass(frozen=True)
class Frame:
    """``transparent`` is an index; ``palette`` its own one, if it has one."""

    pixels: NDArray[Any]
    left: int = 0
    top: int = 0
    transparent: int | None = None
    palette: bytes = b""
    dispose: int = 0
    is_interlaced: bool = False
    code_bits: int = 3
    has_control: bool = True

    def encode(self) -> bytes:
        height, width = self.pixels.shape
        control = b"\x21\xf9\x04" + struct.pack(
            "<BHBB",
            self.dispose << 2 | (self.transparent is not None),
            10,
            self.transparent or 0,
            0,
        )
        flags = self.is_interlaced << 6 | describe_table(self.palette, 0x80)
        place = struct.pack("<cHHHHB", b",", self.left, self.top, width, height, flags)
        rows = self.pixels
        if self.is_interlaced:
            rows = np.concatenate([rows[start::step] for start, step in PASSES])
        data = compress(rows, self.code_bits)
        return (control if self.has_control else b"") + place + self.palette + data


def describe_table(table: bytes, flag: int) -> int:
    return flag | (len(table) // 3).bit_length() - 2 if table else 0


def compress(rows: NDArray[Any], bits: int) -> bytes:
    """Encode without compressing: the table is cleared before its codes get longer."""
    clear, end = 1 << bits, (1 << bits) + 1
    codes: list[int] = []
    for position, index in enumerate(rows.ravel().tolist()):
        if position % (clear - 2) == 0:
            codes.append(clear)
        codes.append(index)
    codes.append(end)
    number = sum(code << (bits + 1) * place for place, code in enumerate(codes))
    data = number.to_bytes((len(codes) * (bits + 1) + 7) // 8, "little")
    blocks = (data[start : start + 255] for start in range(0, len(data), 255))
    return bytes([bits]) + b"".join(bytes([len(block)]) + block for block in blocks) + b"\0"


def encode(
    *frames: Frame,
    palette: bytes = colors(3),
    size: tuple[int, int] = (WIDTH, HEIGHT),
    background: int = 0,
    version: bytes = b"GIF89a",
    extra: bytes = b"",
    end: bytes = b";",
) -> bytes:
    screen = struct.pack("<HHBBB", *size, describe_table(palette, 0x80), background, 0)
    return version + screen + palette + extra + b"".join(map(Frame.encode, frames)) + end


WHOLE = Frame(indexes())
SMALL = Frame(indexes(9, 6), left=6, top=5)
OWN = colors(3, seed=77)
LOOP = b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0"
COMMENT = b"\x21\xfe\x05hello\0"


def animate(first: Frame, **settings: Any) -> bytes:
    """Let a second frame follow, which is plain."""
    return encode(first, Frame(np.full((HEIGHT, WIDTH), 5)), extra=LOOP, **settings)


PLACES: dict[str, Frame] = {
    "small": SMALL,
    "small-transparent": replace(SMALL, transparent=3),
    "small-interlaced": replace(SMALL, is_interlaced=True),
    "small-own-palette": replace(SMALL, palette=OWN),
    "top-left": replace(SMALL, left=0, top=0),
    "bottom-right": replace(SMALL, left=WIDTH - 9, top=HEIGHT - 6),
    "beyond-the-right": replace(SMALL, left=WIDTH - 4),
    "beyond-the-bottom": replace(SMALL, top=HEIGHT - 3),
    "larger-than-the-screen": Frame(indexes(WIDTH + 5, HEIGHT + 4)),
}
SIZES: Sequence[tuple[int, int]] = [(1, 1), (1, 9), (9, 1), (8, 8), (33, 17)]

VARIANTS: Variants = merge(
    {
        f"transparent-at-{index}-of-{2**bits}{'-interlaced' if is_interlaced else ''}": partial(
            encode,
            Frame(
                indexes(bits=bits),
                transparent=index,
                code_bits=max(2, bits),
                is_interlaced=is_interlaced,
            ),
            palette=colors(bits),
        )
        for bits in (1, 2, 3, 4)
        for index in range(2**bits)
        for is_interlaced in ((False, True) if bits == 3 else (False,))
    },
    {
        f"palette-of-{2**bits}": partial(
            encode, Frame(indexes(bits=bits), code_bits=max(2, bits)), palette=colors(bits)
        )
        for bits in range(1, 9)
    },
    {
        f"interlaced-{width}-x-{height}": partial(
            encode, Frame(indexes(width, height), is_interlaced=True), size=(width, height)
        )
        for width, height in SIZES
    },
    {f"frame-{name}": partial(encode, frame) for name, frame in PLACES.items()},
    {f"animated-frame-{name}": partial(animate, frame) for name, frame in PLACES.items()},
    {
        f"animated-dispose-{dispose}": partial(animate, replace(WHOLE, dispose=dispose))
        for dispose in (0, KEEP, TO_BACKGROUND, TO_PREVIOUS, 4)
    },
    {
        f"animated-small-dispose-{dispose}": partial(animate, replace(SMALL, dispose=dispose))
        for dispose in (0, KEEP, TO_BACKGROUND, TO_PREVIOUS, 4)
    },
    {
        "87a": partial(encode, replace(WHOLE, has_control=False), version=b"GIF87a"),
        "87a-small": partial(encode, replace(SMALL, has_control=False), version=b"GIF87a"),
        "own-palette": partial(encode, replace(WHOLE, palette=OWN)),
        "own-palette-alone": partial(encode, replace(WHOLE, palette=OWN), palette=b""),
        "own-palette-transparent": partial(encode, replace(WHOLE, palette=OWN, transparent=2)),
        "own-palette-is-smaller": partial(
            encode, Frame(indexes(bits=2), palette=colors(2, seed=9))
        ),
        "background-5": partial(encode, WHOLE, background=5),
        "background-5-small": partial(encode, SMALL, background=5),
        "background-5-small-transparent": partial(
            encode, replace(SMALL, transparent=3), background=5
        ),
        "transparent-is-the-background": partial(
            encode, replace(SMALL, transparent=5), background=5
        ),
        "transparent-beyond-the-palette": partial(encode, replace(WHOLE, transparent=200)),
        "indexes-beyond-the-palette": partial(
            encode, Frame(indexes(bits=4), code_bits=4), palette=colors(2)
        ),
        "comment": partial(encode, WHOLE, extra=COMMENT),
        "loop": partial(encode, WHOLE, extra=LOOP),
        "without-trailer": partial(encode, WHOLE, end=b""),
        "bytes-behind-the-trailer": partial(encode, WHOLE, end=b";garbage"),
        "long-codes": partial(encode, Frame(indexes(), code_bits=8)),
    },
)
