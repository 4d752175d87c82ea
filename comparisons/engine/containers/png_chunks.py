"""The chunks of a PNG: https://www.w3.org/TR/png-3/#5Chunk-layout."""

import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .parts import Counter

SIGNATURE = b"\x89PNG\r\n\x1a\n"
PIXELS, END = b"IDAT", b"IEND"
# Of a name's first letter: set in the names of chunks that can be left out.
ANCILLARY_BIT = 0x20


@dataclass(frozen=True)
class Chunk:
    """A chunk of a file, which holds all of it; ``start`` and ``end`` are those of its data."""

    file: memoryview
    name: bytes
    start: int
    end: int

    @property
    def data(self) -> bytes:
        return bytes(self.file[self.start : self.end])

    @property
    def whole(self) -> memoryview:
        return self.file[self.start - 8 : self.end + 4]

    @property
    def is_critical(self) -> bool:
        return not self.name[0] & ANCILLARY_BIT

    @property
    def is_intact(self) -> bool:
        """Tell whether the checksum is right: https://www.w3.org/TR/png-3/#5CRC-algorithm."""
        checksum = int.from_bytes(self.file[self.end : self.end + 4])
        return zlib.crc32(self.file[self.start - 4 : self.end]) == checksum


def list_chunks(content: bytes) -> list[Chunk]:
    """List the chunks that are whole, up to the one that ends the picture.

    :raises ImageUnsupported: there are too many.
    """
    parts, chunks = Counter(), []
    for chunk in find_chunks(content):
        parts.count()
        chunks.append(chunk)
        if chunk.name == END:
            break
    return chunks


def find_chunks(content: bytes) -> Iterator[Chunk]:
    view, position, size = memoryview(content), len(SIGNATURE), len(content)
    while position + 12 <= size:
        end = position + 8 + int.from_bytes(view[position : position + 4])
        if end + 4 <= size:
            yield Chunk(view, bytes(view[position + 4 : position + 8]), position + 8, end)
        position = end + 4


def make_chunk(name: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(name + data)
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", checksum)


def find_intact(chunks: Iterable[Chunk], name: bytes) -> bytes | None:
    """Find the data of the first chunk of a name; None if there is none, or it is damaged."""
    found = next((chunk for chunk in chunks if chunk.name == name), None)
    return found.data if found and found.is_intact else None
