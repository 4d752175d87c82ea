import struct
import zlib
from collections.abc import Iterator

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def split_chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    position = len(PNG_SIGNATURE)
    while content.startswith(PNG_SIGNATURE) and position + 12 <= len(content):
        (length,) = struct.unpack_from(">I", content, position)
        yield (
            content[position + 4 : position + 8],
            content[position + 8 : position + 8 + length],
        )
        position += 12 + length


def make_chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
