"""GIF: https://www.w3.org/Graphics/GIF/spec-gif89a.txt.

As in browsers, the screen grows to hold the first frame, and is transparent around it: there is no
background colour.
"""

import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from comparisons.engine.errors import ImageCorrupt, ImageTruncated, ImageUnsupported

from .container import Container, Frame
from .parts import Counter

SIGNATURES = (b"GIF87a", b"GIF89a")
SIGNATURE_BYTES = 6
SCREEN, FRAME = struct.Struct("<HHBxx"), struct.Struct("<HHHHB")
HAS_PALETTE, IS_INTERLACED, PALETTE_SIZE = 0x80, 0x40, 0x07

EXTENSION, FRAME_BEGINNING, END = b"!", b",", b";"
CONTROL = b"\xf9"
# Flags, a time, and the transparent colour, if the flags say that there is one.
CONTROL_BLOCK, HAS_TRANSPARENT_COLOR = struct.Struct("<BHB"), 0x01

COLORS, OPAQUE, BLACK, TRANSPARENT = 256, b"\xff", b"\0\0\0\xff", bytes(4)
CODE_BITS = range(9)

# Full ones cost little: there are 80,000 of them in 20 MB.
FULL_BLOCK_BYTES = 255
# Of the pixels, and of all that follows. As many frames without pixels take a third of a second.
MAX_BLOCKS = 200_000


@dataclass(frozen=True, kw_only=True)
class GifContainer(Container):
    """The first frame: ``content`` is its pixels, in blocks of LZW codes. It may have none to show.

    The first codes are of ``code_bits`` and one more. ``palette`` is 256 colours of four bytes, RGBA.
    """

    has_pixels: bool
    code_bits: int
    is_interlaced: bool
    palette: bytes
    has_alpha: bool


class Reader:
    """Reads one thing after the other, from ``position`` on."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self.position = 0

    def read(self, size_bytes: int) -> bytes:
        """:raises ImageTruncated: there are fewer."""
        start, self.position = self.position, self.position + size_bytes
        if self.position > len(self._content):
            raise ImageTruncated("the image is truncated: its end is missing")
        return self._content[start : self.position]

    def read_colors(self, flags: int) -> bytes:
        """Read as many as the flags tell: three bytes each, RGB."""
        return self.read(3 << (flags & PALETTE_SIZE) + 1 if flags & HAS_PALETTE else 0)

    def read_blocks(self) -> Iterator[bytes]:
        """Yield what blocks hold, up to an empty one, or to the end of the file."""
        while self.position < len(self._content):
            start = self.position + 1
            self.position = start + self._content[start - 1]
            if self.position == start:
                return
            yield self._content[start : self.position]

    def skip_blocks(self, most: int) -> int:
        """Skip so many of them at most, and tell how many it were: in a fifth of the time."""
        content, position, number = self._content, self.position, 0
        while number < most and position < len(content):
            size_bytes = content[position]
            position += 1 + size_bytes
            if not size_bytes:
                break
            number += 1
        self.position = position
        return number


def recognizes(content: bytes) -> bool:
    return content.startswith(SIGNATURES)


def read(content: bytes) -> GifContainer:
    """Read the screen and the first frame, and count the others.

    :raises ImageTruncated: there is no frame.
    :raises ImageCorrupt: there is something else, or its codes have a size that none have.
    :raises ImageUnsupported: there are too many blocks.
    """
    reader = Reader(content)
    reader.read(SIGNATURE_BYTES)
    screen_width, screen_height, flags = SCREEN.unpack(reader.read(SCREEN.size))
    colors = reader.read_colors(flags)
    transparent = find_frame(reader)
    left, top, width, height, flags = FRAME.unpack(reader.read(FRAME.size))
    colors = reader.read_colors(flags) or colors
    (code_bits,) = reader.read(1)
    if code_bits not in CODE_BITS:
        raise ImageCorrupt(f"the image is corrupt: its LZW codes have {code_bits} bits")
    pixels = read_pixels(reader, content)
    size = max(screen_width, left + width), max(screen_height, top + height)
    has_pixels, is_whole = width * height > 0, size == (width, height)
    return GifContainer(
        width=size[0],
        height=size[1],
        content=pixels,
        frame=Frame(left, top, width, height) if has_pixels and not is_whole else None,
        frames=1 + count_frames(reader),
        has_pixels=has_pixels,
        code_bits=code_bits,
        is_interlaced=bool(flags & IS_INTERLACED),
        palette=make_palette(colors, transparent),
        has_alpha=transparent is not None,
    )


def find_frame(reader: Reader) -> int | None:
    """Read what is before a frame, and tell which colour is transparent there; None if no one is.

    :raises ImageTruncated: there is no frame.
    :raises ImageCorrupt: there is something else.
    :raises ImageUnsupported: there are too many blocks.
    """
    transparent, parts = None, Counter()
    while (kind := reader.read(1)) == EXTENSION:
        parts.count()
        label, control = reader.read(1), b""
        for block in reader.read_blocks():
            control = control or block
            parts.count(len(block) < FULL_BLOCK_BYTES)
        if label == CONTROL and len(control) == CONTROL_BLOCK.size:
            flags, _, color = CONTROL_BLOCK.unpack(control)
            transparent = color if flags & HAS_TRANSPARENT_COLOR else None
    if kind == END:
        raise ImageTruncated("the image is truncated: it has no frame")
    if kind != FRAME_BEGINNING:
        raise ImageCorrupt("the image is corrupt: it has a block of an unknown kind")
    return transparent


def read_pixels(reader: Reader, content: bytes) -> bytes:
    """Read the blocks. If the last one is cut off, it says so itself then.

    :raises ImageUnsupported: there are too many.
    """
    start = reader.position
    if reader.skip_blocks(MAX_BLOCKS) == MAX_BLOCKS:
        raise ImageUnsupported(f"the image's pixels are in {MAX_BLOCKS} parts or more")
    if reader.position <= len(content):
        return content[start : reader.position]
    blocks = Reader(content[start:]).read_blocks()
    return b"".join(bytes([len(block)]) + block for block in blocks)


def make_palette(colors: bytes, transparent: int | None) -> bytes:
    """Make 256 colours, RGBA: those that are missing are black."""
    palette = [colors[at : at + 3] + OPAQUE for at in range(0, len(colors), 3)]
    palette += [BLACK] * (COLORS - len(palette))
    if transparent is not None:
        palette[transparent] = TRANSPARENT
    return b"".join(palette)


def count_frames(reader: Reader) -> int:
    """Count the frames that follow, up to what is damaged, or as far as there is time to look."""
    frames, parts = 0, Counter(MAX_BLOCKS)
    with suppress(ImageTruncated, ImageUnsupported):
        while (kind := reader.read(1)) in {EXTENSION, FRAME_BEGINNING}:
            parts.count()
            if kind == FRAME_BEGINNING:
                *_, flags = FRAME.unpack(reader.read(FRAME.size))
                reader.read_colors(flags)
                frames += 1
            # The size of the codes, or what the extension is.
            reader.read(1)
            parts.count(reader.skip_blocks(MAX_BLOCKS))
    return frames
