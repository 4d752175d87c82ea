"""BMP: https://learn.microsoft.com/windows/win32/gdi/bitmap-header-types, and OS/2's."""

import struct

from comparisons.engine.errors import ImageTruncated

SIGNATURE = b"BM"
HEADER_AT, SIDES_AT = 14, 18
CORE_HEADER_BYTES = 12
CORE_SIDES, SIDES = struct.Struct("<HH"), struct.Struct("<Ii")


def recognizes(content: bytes) -> bool:
    return content.startswith(SIGNATURE)


def measure(content: bytes) -> tuple[int, int]:
    """Read the sides, which are where they are in all headers but the oldest.

    A negative height says that the topmost row comes first; a width never is.

    :raises ImageTruncated: there is no header.
    """
    if len(content) < SIDES_AT + SIDES.size:
        raise ImageTruncated("the image is truncated: its end is missing")
    header_bytes = int.from_bytes(content[HEADER_AT:SIDES_AT], "little")
    sides = CORE_SIDES if header_bytes == CORE_HEADER_BYTES else SIDES
    width, height = sides.unpack_from(content, SIDES_AT)
    return width, abs(height)
