"""A TIFF with another directory: https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf, page 13."""

import struct

from comparisons.engine.containers.tiff.tags import Tag

# Whole numbers and fractions, and bytes as they are.
Values = dict[Tag, tuple[int, ...] | tuple[float, ...] | bytes]

LONG, UNDEFINED, FLOAT = 4, 7, 11
HEADER = struct.Struct("<4sI")
POINTER_BYTES, ENTRY_BYTES = 4, 12


def replace_directory(content: bytes, values: Values) -> bytes:
    """Put a directory at the end of a file, and point to it at its beginning.

    So whatever the directory points to stays where it is.
    """
    header = HEADER.pack(b"II*\0", len(content))
    return header + content[HEADER.size :] + encode_directory(values, len(content))


def encode_directory(values: Values, place: int) -> bytes:
    """Encode a directory for this place in a file, and behind it what it has no room for."""
    behind_at = place + 2 + ENTRY_BYTES * len(values) + POINTER_BYTES
    entries, behind = b"", b""
    for tag, numbers in sorted(values.items()):
        kind, packed = encode_values(numbers)
        entries += struct.pack("<HHI", tag, kind, len(numbers))
        if len(packed) > POINTER_BYTES:
            entries += struct.pack("<I", behind_at + len(behind))
            behind += packed
        else:
            entries += packed.ljust(POINTER_BYTES, b"\0")
    return struct.pack("<H", len(values)) + entries + bytes(POINTER_BYTES) + behind


def encode_values(values: tuple[int, ...] | tuple[float, ...] | bytes) -> tuple[int, bytes]:
    """Encode them by the type that they get."""
    if isinstance(values, bytes):
        return UNDEFINED, values
    if isinstance(values[0], float):
        return FLOAT, struct.pack(f"<{len(values)}f", *values)
    return LONG, struct.pack(f"<{len(values)}I", *values)
