"""The orientation in an EXIF block, where it is as well-formed as browsers want it.

https://www.cipa.jp/std/documents/e/DC-008-2012_E.pdf, 4.5.2 and 4.6.4 A.
"""

import struct
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

UPRIGHT = 1
ORIENTATIONS = range(1, 9)
SIDEWAYS = range(5, 9)

# How numbers are stored, by the block's first bytes.
ORDERS = {b"II*\0": "<", b"MM\0*": ">"}
ORIENTATION, EXIF_DIRECTORY = 274, 34665
SHORT, LONG = 3, 4
ENTRY_BYTES = 12


class Entry(NamedTuple):
    """There are ``values`` values of the type ``kind``; ``value`` has the first four bytes of them."""

    tag: int
    kind: int
    values: int
    value: bytes


def read_orientation(block: bytes) -> int:
    """Read the orientation, 1 to 8; 1 where there is none.

    The first entry that is one number of the right type and range counts. As Chromium does, look for
    it in the first directory and in the EXIF directory that it points to.
    """
    order = ORDERS.get(block[:4])
    if order is None:
        return UPRIGHT
    for entry in find_entries(block, order):
        if (entry.tag, entry.kind, entry.values) == (ORIENTATION, SHORT, 1):
            (orientation,) = struct.unpack_from(f"{order}H", entry.value)
            if orientation in ORIENTATIONS:
                return int(orientation)
    return UPRIGHT


def find_entries(block: bytes, order: str) -> Iterator[Entry]:
    """Yield the entries of the first directory, those of the EXIF directory in its place."""
    with suppress(struct.error):
        (start,) = struct.unpack_from(f"{order}I", block, 4)
        has_pointer = False
        for entry in find_directory_entries(block, order, start):
            yield entry
            # A block could point thousands of times at thousands of entries.
            if entry[:3] == (EXIF_DIRECTORY, LONG, 1) and not has_pointer:
                has_pointer = True
                (start,) = struct.unpack_from(f"{order}I", entry.value)
                yield from find_directory_entries(block, order, start)


def find_directory_entries(block: bytes, order: str, start: int) -> Iterator[Entry]:
    """Yield the entries of a directory, as far as they are there."""
    with suppress(struct.error):
        (count,) = struct.unpack_from(f"{order}H", block, start)
        for position in range(start + 2, start + 2 + ENTRY_BYTES * count, ENTRY_BYTES):
            yield Entry(*struct.unpack_from(f"{order}HHI4s", block, position))
