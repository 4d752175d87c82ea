"""BMP: https://learn.microsoft.com/windows/win32/gdi/bitmap-header-types, and OS/2's.

Pillow decodes run-length encoding in Python: 20 MB of runs of no pixels take 5 s.
"""

import struct

from comparisons.engine.errors import ImageCorrupt, ImageTruncated

SIGNATURE = b"BM"
HEADER_AT, SIDES_AT = 14, 18
CORE_HEADER_BYTES = 12
CORE_SIDES, SIDES = struct.Struct("<HH"), struct.Struct("<Ii")
PIXELS_AT, COMPRESSION_AT = 10, 30
RUN_LENGTHS = {1, 2}
# A run has two bytes, and so have the ends of a row and of the picture. Encoders add some of their own.
MAX_RUN_BYTES_PER_PIXEL, MAX_RUN_BYTES_PER_ROW, SPARE_RUN_BYTES = 2, 4, 4096


def recognizes(content: bytes) -> bool:
    return content.startswith(SIGNATURE)


def measure(content: bytes) -> tuple[int, int]:
    """Read the sides, which are where they are in all headers but the oldest.

    A negative height says that the topmost row comes first; a width never is.

    :raises ImageTruncated: there is no header.
    :raises ImageCorrupt: it has more runs than pixels.
    """
    if len(content) < SIDES_AT + SIDES.size:
        raise ImageTruncated("the image is truncated: its end is missing")
    header_bytes = int.from_bytes(content[HEADER_AT:SIDES_AT], "little")
    sides = CORE_SIDES if header_bytes == CORE_HEADER_BYTES else SIDES
    width, height = sides.unpack_from(content, SIDES_AT)
    if header_bytes != CORE_HEADER_BYTES:
        check_runs(content, width, abs(height))
    return width, abs(height)


def check_runs(content: bytes, width: int, height: int) -> None:
    """:raises ImageCorrupt: there are more bytes of run-length encoding than the pixels need."""
    compression = int.from_bytes(content[COMPRESSION_AT : COMPRESSION_AT + 4], "little")
    start = int.from_bytes(content[PIXELS_AT : PIXELS_AT + 4], "little")
    needed = height * (MAX_RUN_BYTES_PER_PIXEL * width + MAX_RUN_BYTES_PER_ROW)
    if compression in RUN_LENGTHS and len(content) - start > needed + SPARE_RUN_BYTES:
        raise ImageCorrupt("the image is corrupt: it has more runs than pixels")
