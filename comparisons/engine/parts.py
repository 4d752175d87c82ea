"""The parts that a file is made of, counted and checked before Pillow walks them.

Pillow reads chunks, segments and blocks in Python, some kinds at a cost that grows with their square,
and decodes every scan of a JPEG over the whole picture: a file of millions of tiny ones, well within
the limit of bytes, would keep a processor busy for minutes.
"""

import re
import struct
import zlib
from collections.abc import Callable, Iterator
from itertools import dropwhile, islice
from typing import Literal

from .errors import ImageCorrupt, ImageTruncated, ImageUnsupported

# More than any honest file has: 20 MB of PNG are 5,000 chunks of 4 KiB, and JPEGs of many passes have
# a dozen scans.
MAX_PARTS = 20_000
MAX_SCANS = 40
# By which a tile may be larger than its picture: honest ones are, where pictures are small.
MAX_SPARE_PIXELS = 2048 * 2048

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"

# Names, and keywords, of the chunks in which Pillow looks for an orientation.
ORIENTING_CHUNKS = (
    b"eXIf",
    b"iTXtXML:com.adobe.xmp\0",
    *(kind + b"Raw profile type exif\0" for kind in (b"tEXt", b"zTXt", b"iTXt")),
)

# Neither stuffing nor a restart: https://www.w3.org/Graphics/JPEG/itu-t81.pdf, B.1.1.2.
JPEG_MARKER = re.compile(rb"\xff([^\x00\x01\xd0-\xd8\xff])", re.DOTALL)
JPEG_END, JPEG_SCAN = 0xD9, 0xDA
JPEG_SCAN_BEGINNING = b"\xff\xda"

# Of TIFF and BigTIFF; Pillow takes two that are the wrong way round as well.
TIFF_SIGNATURES = (b"II*\0", b"MM\0*", b"II\0*", b"MM*\0", b"II+\0", b"MM\0+")
TIFF_SIDES = TIFF_WIDTH, TIFF_HEIGHT, TILE_WIDTH, TILE_HEIGHT = 256, 257, 322, 323
# The bytes of a value by its type: SHORT, LONG, and LONG8 of BigTIFF.
TIFF_VALUES = {3: 2, 4: 4, 16: 8}

GIF_EXTENSION, GIF_PICTURE, GIF_END = b"!", b",", b";"


def check_parts(content: bytes) -> None:
    """Refuse a file that no honest encoder writes, and that would take long to find corrupt.

    :raises ImageUnsupported: it has too many parts, or far too large ones.
    :raises ImageCorrupt: a size in a TIFF is no number.
    :raises ImageTruncated: the list of what it holds goes beyond its end.
    """
    for signature, walk in WALKS.items():
        if content.startswith(signature) and any(
            True for _ in islice(walk(content), MAX_PARTS, None)
        ):
            raise ImageUnsupported(f"the file has more than {MAX_PARTS} parts")
    if content.startswith(TIFF_SIGNATURES):
        check_tiles(content)


def split_png(content: bytes) -> Iterator[memoryview]:
    """Yield those chunks that are whole: length, name, data and checksum."""
    view = memoryview(content)
    position = len(PNG_SIGNATURE)
    while position + 12 <= len(content):
        (length,) = struct.unpack_from(">I", content, position)
        end = position + 12 + length
        if end <= len(content):
            yield view[position:end]
        position = end


def check_pixel_checksums(content: bytes) -> None:
    """Check those of a PNG's pixels, for Pillow, which does not: https://www.w3.org/TR/png-3/#5CRC-algorithm.

    :raises ImageCorrupt: one is wrong.
    """
    for chunk in split_png(content):
        if bytes(chunk[4:8]) == b"IDAT":
            (checksum,) = struct.unpack(">I", chunk[-4:])
            if zlib.crc32(chunk[4:-4]) != checksum:
                raise ImageCorrupt("the image is corrupt: the checksum of its pixels is wrong")


def has_late_metadata(content: bytes) -> bool:
    """Tell whether a PNG says behind its pixels what is up: read before them, it is not found."""
    chunks = dropwhile(lambda chunk: bytes(chunk[4:8]) != b"IDAT", split_png(content))
    return any(bytes(chunk[4:40]).startswith(ORIENTING_CHUNKS) for chunk in chunks)


def walk_jpeg(content: bytes) -> Iterator[int]:
    """Yield the segments' markers up to the first scan, and the bytes between them.

    It goes on through the scans only where there may be too many: to count what begins like one takes
    a third of the time, and nobody reads other parts behind the first in Python.

    :raises ImageUnsupported: there are too many scans.
    """
    position, scans = 2, 0
    while found := JPEG_MARKER.search(content, position):
        if not scans:
            yield from content[position : found.start()]
        marker = found[1][0]
        yield marker
        if marker == JPEG_END:
            return
        if marker == JPEG_SCAN:
            scans += 1
            if scans == 1 and content.count(JPEG_SCAN_BEGINNING, found.start()) <= MAX_SCANS:
                return
            if scans > MAX_SCANS:
                raise ImageUnsupported(f"the image has more than {MAX_SCANS} scans")
        position = found.end() + int.from_bytes(content[found.end() : found.end() + 2])


def walk_gif(content: bytes) -> Iterator[int]:
    """Yield the positions of the blocks, and of the bytes between them, up to the first picture.

    https://www.w3.org/Graphics/GIF/spec-gif89a.txt
    """
    flags = int.from_bytes(content[10:11])
    position = 13 + (3 << (flags & 7) + 1 if flags & 0x80 else 0)
    while content[position : position + 1] not in {b"", GIF_PICTURE, GIF_END}:
        yield position
        is_extension = content[position : position + 1] == GIF_EXTENSION
        position += 1
        if is_extension:
            position += 1
            while size := int.from_bytes(content[position : position + 1]):
                yield position
                position += 1 + size
            position += 1


def walk_tiff(content: bytes) -> Iterator[bytes]:
    """Yield the first directory's entries, of which Pillow reads as many as are there, and makes do.

    https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf, page 13; and for BigTIFF, signed
    43 for 42, https://libtiff.gitlab.io/libtiff/specification/bigtiff.html.
    """
    order = find_byte_order(content)
    pointer_size, count_size, entry_size = (8, 8, 20) if is_big_tiff(content) else (4, 2, 12)
    start = int.from_bytes(content[pointer_size : 2 * pointer_size], order)
    count = int.from_bytes(content[start : start + count_size], order)
    if start + count_size + count * entry_size > len(content):
        raise ImageTruncated("the image is truncated: its end is missing")
    for entry in range(count):
        position = start + count_size + entry * entry_size
        yield content[position : position + entry_size]


def check_tiles(content: bytes) -> None:
    """Refuse a TIFF whose tiles are far larger than its picture: each is unpacked as a whole.

    :raises ImageUnsupported: they are.
    :raises ImageCorrupt: a size is of a type that sizes don't have, and libraries read differently.
    """
    order = find_byte_order(content)
    sides: dict[int, list[int]] = {side: [] for side in TIFF_SIDES}
    for entry in walk_tiff(content):
        tag, kind = (int.from_bytes(entry[at : at + 2], order) for at in (0, 2))
        if tag in sides:
            if kind not in TIFF_VALUES or TIFF_VALUES[kind] > len(entry) - 8:
                raise ImageCorrupt("the image is corrupt: its size is no number")
            value = entry[12 if is_big_tiff(content) else 8 :][: TIFF_VALUES[kind]]
            sides[tag].append(int.from_bytes(value, order))
    # Of a size that is given more than once, the libraries may take either.
    picture_pixels = min(sides[TIFF_WIDTH], default=0) * min(sides[TIFF_HEIGHT], default=0)
    tile_pixels = max(sides[TILE_WIDTH], default=0) * max(sides[TILE_HEIGHT], default=0)
    if tile_pixels > picture_pixels + MAX_SPARE_PIXELS:
        raise ImageUnsupported("the image's tiles are far larger than the image")


def find_byte_order(content: bytes) -> Literal["little", "big"]:
    return "little" if content.startswith(b"II") else "big"


def is_big_tiff(content: bytes) -> bool:
    return b"+" in content[2:4]


WALKS: dict[bytes, Callable[[bytes], Iterator[object]]] = {
    PNG_SIGNATURE: split_png,
    b"\xff\xd8\xff": walk_jpeg,
    b"GIF8": walk_gif,
    **dict.fromkeys(TIFF_SIGNATURES, walk_tiff),
}
