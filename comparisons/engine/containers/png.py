"""PNG: https://www.w3.org/TR/png-3/."""

import struct
import zlib
from collections.abc import Iterator
from itertools import dropwhile

from comparisons.engine.errors import ImageCorrupt, ImageNotRecognized

from .parts import Counter, check_exif

SIGNATURE = b"\x89PNG\r\n\x1a\n"
HEADER = struct.Struct(">II")
HEADER_AT, HEADER_END = 16, 33

# Names, and keywords, of the chunks in which Pillow looks for an orientation.
RAW_PROFILES = tuple(kind + b"Raw profile type exif\0" for kind in (b"tEXt", b"zTXt", b"iTXt"))
ORIENTING_CHUNKS = (b"eXIf", b"iTXtXML:com.adobe.xmp\0", *RAW_PROFILES)

# Pillow inflates up to 1 MB of each, and so many that 60 KB took 250 MB, and 15 MB half a minute.
COMPRESSED_CHUNKS = {b"iCCP", b"zTXt", b"iTXt"}
MAX_INFLATED_BYTES, PILLOWS_LIMIT_BYTES = 8_000_000, 1_048_576
# What deflate makes of a byte, at most: https://zlib.net/zlib_tech.html.
MAX_RATIO = 1032


def recognizes(content: bytes) -> bool:
    return content.startswith(SIGNATURE)


def measure(content: bytes) -> tuple[int, int]:
    """Read the header, which has to be the first chunk.

    :raises ImageNotRecognized: it is not there.
    :raises ImageCorrupt: there is too much that is compressed in other chunks.
    :raises ImageUnsupported: there are too many chunks.
    """
    if len(content) < HEADER_END or content[12:16] != b"IHDR":
        raise ImageNotRecognized("not an image in a format that is read here: a PNG without header")
    parts, inflated = Counter(), 0
    for name, start, end in find_chunks(content):
        parts.count()
        if name == b"eXIf":
            check_exif(end - start)
        elif content.startswith(RAW_PROFILES, start - 4):
            # In hexadecimal digits.
            check_exif((end - start) // 2)
        if name in COMPRESSED_CHUNKS:
            inflated += count_inflated(name, content[start:end], MAX_INFLATED_BYTES - inflated)
            if inflated > MAX_INFLATED_BYTES:
                raise ImageCorrupt(
                    f"the image is corrupt: its texts and profiles inflate to more than {MAX_INFLATED_BYTES} bytes"
                )
    width, height = HEADER.unpack_from(content, HEADER_AT)
    return width, height


def find_chunks(content: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield names, beginnings and ends of the data of those chunks that are whole."""
    position, size = len(SIGNATURE), len(content)
    while position + 12 <= size:
        end = position + 8 + int.from_bytes(content[position : position + 4])
        if end + 4 <= size:
            yield content[position + 4 : position + 8], position + 8, end
        position = end + 4


def count_inflated(name: bytes, data: bytes, limit: int) -> int:
    """Count the bytes that a chunk's compressed part has, up to a little more than the limit."""
    _, _, rest = data.partition(b"\0")
    if name == b"iTXt":
        if not rest.startswith(b"\1"):
            return 0
        # The method, the language and the translated keyword.
        rest = rest[2:].split(b"\0", 2)[-1]
    else:
        rest = rest[1:]
    try:
        return len(zlib.decompressobj().decompress(rest, limit + 1))
    except zlib.error:
        return min(MAX_RATIO * len(rest), PILLOWS_LIMIT_BYTES)


def check_pixel_checksums(content: bytes) -> None:
    """Check those of a PNG's pixels, for Pillow, which does not: https://www.w3.org/TR/png-3/#5CRC-algorithm.

    :raises ImageCorrupt: one is wrong.
    """
    view = memoryview(content)
    for name, start, end in find_chunks(content):
        if name == b"IDAT":
            checksum = int.from_bytes(view[end : end + 4])
            if zlib.crc32(view[start - 4 : end]) != checksum:
                raise ImageCorrupt("the image is corrupt: the checksum of its pixels is wrong")


def has_late_metadata(content: bytes) -> bool:
    """Tell whether a PNG says behind its pixels what is up: read before them, it is not found."""
    chunks = dropwhile(lambda chunk: chunk[0] != b"IDAT", find_chunks(content))
    return any(content.startswith(ORIENTING_CHUNKS, start - 4) for _, start, _ in chunks)
