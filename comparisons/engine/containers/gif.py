"""GIF: https://www.w3.org/Graphics/GIF/spec-gif89a.txt.

Pillow's canvas holds the screen and the whole first frame. It is allocated while the file is opened if
the frame is to be disposed of: 43 bytes took 4 GB.
"""

import struct
from typing import NamedTuple

from comparisons.engine.errors import ImageTruncated

from .parts import Counter

SIGNATURES = (b"GIF87a", b"GIF89a")
SCREEN = struct.Struct("<HHB")
SCREEN_AT, BLOCKS_AT = 6, 13
FRAME = struct.Struct("<HHHH")

EXTENSION, FRAME_BEGINNING, END = b"!", b",", b";"
COMMENT, APPLICATION = b"\xfe", b"\xff"
LOOPING = b"NETSCAPE2.0"


class Place(NamedTuple):
    """Where the piece of a block that has just been read was, and where the next one begins."""

    start: int
    end: int

    @property
    def is_last(self) -> bool:
        return self.end - self.start <= 1


def recognizes(content: bytes) -> bool:
    return content.startswith(SIGNATURES)


def measure(content: bytes) -> tuple[int, int]:
    """Read the screen and the first frame.

    :raises ImageTruncated: there is none.
    :raises ImageUnsupported: there are too many blocks before it.
    """
    position = find_frame(content)
    if position + FRAME.size > len(content):
        raise ImageTruncated("the image is truncated: its end is missing")
    screen_width, screen_height, _ = SCREEN.unpack_from(content, SCREEN_AT)
    left, top, width, height = FRAME.unpack_from(content, position)
    return max(screen_width, left + width), max(screen_height, top + height)


def find_frame(content: bytes) -> int:
    """Find the first frame's place, reading what is before it as Pillow does.

    :raises ImageTruncated: there is no frame.
    """
    if len(content) < BLOCKS_AT:
        raise ImageTruncated("the image is truncated: its end is missing")
    _, _, flags = SCREEN.unpack_from(content, SCREEN_AT)
    position = BLOCKS_AT + (3 << (flags & 7) + 1 if flags & 0x80 else 0)
    parts = Counter()
    while (kind := content[position : position + 1]) != FRAME_BEGINNING:
        parts.count()
        if kind in {b"", END}:
            raise ImageTruncated("the image is truncated: it has no frame")
        position += 1
        if kind == EXTENSION:
            position = skip_extension(content, position, parts)
    return position + 1


def skip_extension(content: bytes, position: int, parts: Counter) -> int:
    """Skip its pieces, up to the one that is empty: in all but comments, Pillow does not look at the first."""
    label = content[position : position + 1]
    piece = read_piece(content, position + 1, parts)
    if label == COMMENT and piece.is_last:
        return piece.end
    if label == APPLICATION and content[piece.start + 1 : piece.end].startswith(LOOPING):
        piece = read_piece(content, piece.end, parts)
    piece = read_piece(content, piece.end, parts)
    while not piece.is_last:
        piece = read_piece(content, piece.end, parts)
    return piece.end


def read_piece(content: bytes, position: int, parts: Counter) -> Place:
    parts.count()
    return Place(position, position + 1 + int.from_bytes(content[position : position + 1]))
