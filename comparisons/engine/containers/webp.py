"""WebP: https://developers.google.com/speed/webp/docs/riff_container."""

from collections.abc import Iterator

from comparisons.engine.errors import ImageTruncated

from .parts import Counter, check_exif

CHUNKS_AT, DATA_AT = 12, 20
LOSSY, LOSSLESS, EXTENDED, EXIF = b"VP8 ", b"VP8L", b"VP8X", b"EXIF"
# Of the data: https://datatracker.ietf.org/doc/html/rfc6386#section-9.1 and rfc9649#section-3.4
LOSSY_START, LOSSLESS_START = b"\x9d\x01\x2a", b"\x2f"
LOSSY_START_AT, SIZE_END = 3, 10


def recognizes(content: bytes) -> bool:
    return (
        content.startswith(b"RIFF")
        and content[8:CHUNKS_AT] == b"WEBP"
        and content[CHUNKS_AT : CHUNKS_AT + 4] in {LOSSY, LOSSLESS, EXTENDED}
    )


def measure(content: bytes) -> tuple[int, int]:
    """Read the canvas: libwebp holds the frames to it, before it decodes any.

    :raises ImageTruncated: it is not there.
    :raises ImageUnsupported: there are too many chunks, or too much Exif data.
    """
    parts = Counter()
    for name, start, end in find_chunks(content):
        parts.count()
        if name == EXIF:
            check_exif(end - start)
    canvas = read_size(content[CHUNKS_AT : CHUNKS_AT + 4], content[DATA_AT : DATA_AT + SIZE_END])
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
    if name == EXTENDED and len(data) == SIZE_END:
        width, height = (int.from_bytes(data[at : at + 3], "little") for at in (4, 7))
        return width + 1, height + 1
    if name == LOSSY and data[LOSSY_START_AT:].startswith(LOSSY_START):
        width, height = (int.from_bytes(data[at : at + 2], "little") & 0x3FFF for at in (6, 8))
        return width, height
    if name == LOSSLESS and data.startswith(LOSSLESS_START):
        bits = int.from_bytes(data[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return None
