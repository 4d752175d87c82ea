"""Animated PNG: https://www.w3.org/TR/png-3/#apng-frame-based-animation."""

import struct
from collections.abc import Iterable
from itertools import dropwhile, takewhile

from comparisons.engine.errors import ImageCorrupt, ImageTruncated

from .container import Frame
from .png_chunks import PIXELS, Chunk, find_intact, make_chunk

CONTROL, FRAME_CONTROL, FRAME_PIXELS = b"acTL", b"fcTL", b"fdAT"
FRAMES, NUMBER = struct.Struct(">I4x"), struct.Struct(">I")
# https://www.w3.org/TR/png-3/#dfn-png-four-byte-unsigned-integer
MAX_FRAMES = 2**31 - 1
# Its number, width, height, left, top; then times and how to go on.
FRAME = struct.Struct(">IIIII6x")


def count_frames(chunks: list[Chunk]) -> int:
    """Count the frames of an animation, those that are announced and there; 0 where there is none."""
    head = takewhile(lambda chunk: chunk.name != PIXELS, chunks)
    return min(read_count(head), sum(chunk.name == FRAME_CONTROL for chunk in chunks))


def read_count(head: Iterable[Chunk]) -> int:
    """Read how many frames are announced; 0 where none are."""
    control = find_intact(head, CONTROL)
    if control is None or len(control) != FRAMES.size:
        return 0
    (count,) = FRAMES.unpack(control)
    return int(count) if count <= MAX_FRAMES else 0


def find_hidden_frame(
    head: list[Chunk], chunks: list[Chunk], width: int, height: int
) -> tuple[Frame, bytes] | None:
    """Find an animation's first frame where the picture that others show is none of its frames.

    Return its place, and its pixels in chunks as of a picture of its own.

    :raises ImageTruncated: it has no pixels.
    :raises ImageCorrupt: it is damaged, or reaches beyond the canvas.
    """
    frames = [chunk for chunk in head if chunk.name in {FRAME_CONTROL, FRAME_PIXELS}]
    if frames and read_count(head):
        check_shown_frame(frames, width, height)
    if frames or not count_frames(chunks):
        return None
    control, *rest = dropwhile(lambda chunk: chunk.name != FRAME_CONTROL, chunks[len(head) :])
    return read_first_frame(control, rest, width, height)


def check_shown_frame(frames: list[Chunk], width: int, height: int) -> None:
    """Check the frame whose pixels are those that others show."""
    if len(frames) > 1 or read_frame(frames[0]) != Frame(0, 0, width, height):
        raise ImageCorrupt("the image is corrupt: its first frame is another one than its picture")


def read_first_frame(
    control: Chunk, rest: list[Chunk], width: int, height: int
) -> tuple[Frame, bytes]:
    frame = read_frame(control)
    if frame.left + frame.width > width or frame.top + frame.height > height:
        raise ImageCorrupt("the image is corrupt: its first frame reaches beyond it")
    pieces = [*takewhile(lambda chunk: chunk.name == FRAME_PIXELS, rest)]
    if not pieces:
        raise ImageTruncated("the image is truncated: its first frame is missing")
    for number, piece in enumerate(pieces, start=1):
        if not piece.is_intact or not piece.data.startswith(NUMBER.pack(number)):
            raise ImageCorrupt("the image is corrupt: the pixels of its first frame are damaged")
    return frame, b"".join(make_chunk(PIXELS, piece.data[NUMBER.size :]) for piece in pieces)


def read_frame(control: Chunk) -> Frame:
    """:raises ImageCorrupt: it is not the first one, or damaged."""
    data = control.data
    if control.name != FRAME_CONTROL or not control.is_intact or len(data) != FRAME.size:
        raise ImageCorrupt("the image is corrupt: its first frame has no place")
    number, width, height, left, top = FRAME.unpack(data)
    if number:
        raise ImageCorrupt("the image is corrupt: its first frame is missing")
    return Frame(left, top, width, height)
