"""WebP: https://developers.google.com/speed/webp/docs/riff_container."""

from collections.abc import Iterator

from comparisons.engine.errors import ImageCorrupt, ImageTruncated

from .parts import Counter, check_exif

CHUNKS_AT = 12
LOSSY, LOSSLESS, EXTENDED, FRAME, EXIF = b"VP8 ", b"VP8L", b"VP8X", b"ANMF", b"EXIF"
# Of the data: https://datatracker.ietf.org/doc/html/rfc6386#section-9.1 and rfc9649#section-3.4
LOSSY_START, LOSSLESS_START = b"\x9d\x01\x2a", b"\x2f"
LOSSY_START_AT, FRAME_SIZE_AT, SIZE_END = 3, 6, 12


def recognizes(content: bytes) -> bool:
    return (
        content.startswith(b"RIFF")
        and content[8:CHUNKS_AT] == b"WEBP"
        and content[CHUNKS_AT : CHUNKS_AT + 4] in {LOSSY, LOSSLESS, EXTENDED}
    )


def measure(content: bytes) -> tuple[int, int]:
    """Read the canvas, which no frame may exceed.

    :raises ImageTruncated: it is not there.
    :raises ImageCorrupt: a frame is larger.
    :raises ImageUnsupported: there are too many chunks.
    """
    parts, canvas = Counter(), None
    for name, start, end in find_chunks(content):
        parts.count()
        size = read_size(name, content[start : min(end, start + SIZE_END)])
        if name == EXIF:
            check_exif(end - start)
        if canvas is None:
            canvas = size
        elif size and (size[0] > canvas[0] or size[1] > canvas[1]):
            raise ImageCorrupt("the image is corrupt: a frame is larger than the image")
    if canvas is None:
        raise ImageTruncated("the image is truncated: its end is missing")
    return canvas


def find_chunks(content: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield names, beginnings and ends of the data of the chunks."""
    position = CHUNKS_AT
    while position + 8 <= len(content):
        start = position + 8
        end = start + int.from_bytes(content[position + 4 : start], "little")
        yield content[position : position + 4], start, end
        position = end + end % 2


def read_size(name: bytes, data: bytes) -> tuple[int, int] | None:
    """Read the size that a chunk holds; None where there is none."""
    if name in {EXTENDED, FRAME}:
        at = 4 if name == EXTENDED else FRAME_SIZE_AT
        width, height = (int.from_bytes(data[side : side + 3], "little") for side in (at, at + 3))
        return (width + 1, height + 1) if len(data) >= at + 6 else None
    if name == LOSSY and data[LOSSY_START_AT:].startswith(LOSSY_START):
        width, height = (int.from_bytes(data[at : at + 2], "little") & 0x3FFF for at in (6, 8))
        return width, height
    if name == LOSSLESS and data.startswith(LOSSLESS_START):
        bits = int.from_bytes(data[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return None
