"""TIFF: https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf, page 13.

BigTIFF, signed 43 for 42, has longer numbers: https://libtiff.gitlab.io/libtiff/specification/bigtiff.html.
Other pages than the first are never read.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from typing import Literal

from comparisons.engine.errors import ImageCorrupt, ImageTruncated, ImageUnsupported

from .parts import Counter

# Pillow takes two that are the wrong way round as well.
SIGNATURES = (b"II*\0", b"MM\0*", b"II\0*", b"MM*\0", b"II+\0", b"MM\0+")

WIDTH, HEIGHT, SAMPLES, ROWS_PER_STRIP, TILE_WIDTH, TILE_HEIGHT = 256, 257, 277, 278, 322, 323
NUMBERS = {WIDTH, HEIGHT, SAMPLES, ROWS_PER_STRIP, TILE_WIDTH, TILE_HEIGHT}
STRIPS, TILES = {273, 279}, {324, 325}
# Directories of Exif's, which Pillow reads when the pixels are there.
EXIF, GPS, INTEROPERABILITY = 34665, 34853, 40965
DIRECTORIES = {EXIF, GPS, INTEROPERABILITY}

# The bytes of a number by its type: SHORT, LONG, and LONG8 of BigTIFF.
NUMBER_BYTES = {3: 2, 4: 4, 16: 8}
# BYTE, ASCII and UNDEFINED are taken as they are.
TEXTS = {1, 2, 7}
RATIONALS = {5, 10}

# Of each, Pillow makes several objects: 3 million strips of a row took a gigabyte. Palettes of 16 bits
# have 200,000 values.
MAX_STRIPS = 100_000
MAX_VALUES = 500_000
RATIONAL_COST = 10
# By which a tile may be larger than its picture: honest ones are, where pictures are small.
MAX_SPARE_PIXELS = 2048 * 2048


@dataclass(frozen=True)
class Entry:
    """A tag's entry in a directory; ``value`` is itself, or where it is."""

    tag: int
    kind: int
    count: int
    value: bytes

    def read_number(self, order: Literal["little", "big"]) -> int:
        """:raises ImageCorrupt: it is none, or of a type that libraries read differently."""
        size_bytes = NUMBER_BYTES.get(self.kind, 0)
        if not size_bytes or not 0 < self.count * size_bytes <= len(self.value):
            raise ImageCorrupt("the image is corrupt: its size is no number")
        return int.from_bytes(self.value[:size_bytes], order)


class Reader:
    """Reads directories, and numbers in the file's byte order."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self.order: Literal["little", "big"] = "little" if content.startswith(b"II") else "big"
        is_big = b"+" in content[2:4]
        self.pointer_bytes = 8 if is_big else 4
        self._count_bytes = 8 if is_big else 2

    def read(self, start: int, size_bytes: int) -> int:
        return int.from_bytes(self._content[start : start + size_bytes], self.order)

    def find_entries(self, start: int, parts: Counter) -> Iterator[Entry]:
        """Yield a directory's entries, of which Pillow reads as many as are there, and makes do.

        :raises ImageTruncated: the directory goes beyond the end of the file.
        """
        count = self.read(start, self._count_bytes)
        start += self._count_bytes
        entry_bytes = 4 + 2 * self.pointer_bytes
        if start + count * entry_bytes > len(self._content):
            raise ImageTruncated("the image is truncated: its end is missing")
        for position in range(start, start + count * entry_bytes, entry_bytes):
            parts.count()
            count_at, value_at = position + 4, position + 4 + self.pointer_bytes
            yield Entry(
                self.read(position, 2),
                self.read(position + 2, 2),
                self.read(count_at, self.pointer_bytes),
                self._content[value_at : value_at + self.pointer_bytes],
            )


def recognizes(content: bytes) -> bool:
    return content.startswith(SIGNATURES)


def measure(content: bytes) -> tuple[int, int]:
    """Read the first directory.

    :raises ImageTruncated: it goes beyond the end of the file.
    :raises ImageCorrupt: a size is no number, or there are two of it, or they don't go together.
    :raises ImageUnsupported: there are too many entries, values, strips or tiles, or far too large ones.
    """
    reader, parts, values = Reader(content), Counter(), Counter(MAX_VALUES)
    numbers: dict[int, int] = {}
    strips = tiles = 0
    for entry in reader.find_entries(
        reader.read(reader.pointer_bytes, reader.pointer_bytes), parts
    ):
        count_values(entry, values)
        if entry.tag in NUMBERS:
            number = entry.read_number(reader.order)
            # Of two, the libraries may take either.
            if numbers.setdefault(entry.tag, number) != number:
                raise ImageCorrupt("the image is corrupt: it has two sizes")
        elif entry.tag in STRIPS:
            strips = max(strips, entry.count)
        elif entry.tag in TILES:
            tiles = max(tiles, entry.count)
        elif entry.tag in DIRECTORIES:
            check_directory(reader, entry, parts, values)
    width, height = numbers.get(WIDTH, 0), numbers.get(HEIGHT, 0)
    if width * height:
        check_strips(numbers, strips)
        check_tiles(numbers, tiles)
    return width, height


def count_values(entry: Entry, values: Counter) -> None:
    if entry.kind not in TEXTS:
        values.count(entry.count * (RATIONAL_COST if entry.kind in RATIONALS else 1))


def check_directory(reader: Reader, entry: Entry, parts: Counter, values: Counter) -> None:
    """Count what Pillow reads in a directory within the first, as far as it is there."""
    start = int.from_bytes(entry.value[: NUMBER_BYTES.get(entry.kind, 0)], reader.order)
    try:
        for inner in reader.find_entries(start, parts):
            count_values(inner, values)
            if entry.tag == EXIF and inner.tag == INTEROPERABILITY:
                check_directory(reader, inner, parts, values)
    except ImageTruncated:
        return


def check_strips(numbers: dict[int, int], count: int) -> None:
    """Refuse more strips than the picture has rows for: each is read, if over another.

    :raises ImageCorrupt: there are.
    :raises ImageUnsupported: they are too many to read.
    """
    rows = min(numbers.get(ROWS_PER_STRIP, numbers[HEIGHT]), numbers[HEIGHT])
    check_count(numbers, count, ceil(numbers[HEIGHT] / rows) if rows else 0)


def check_tiles(numbers: dict[int, int], count: int) -> None:
    """Refuse tiles that are far larger than the picture: each is unpacked as a whole.

    :raises ImageCorrupt: there are more than the picture has room for.
    :raises ImageUnsupported: they are too large, or too many.
    """
    if not numbers.keys() & {TILE_WIDTH, TILE_HEIGHT}:
        width = height = 0
    else:
        # libtiff takes the picture's side for one that is missing.
        width = numbers.get(TILE_WIDTH, numbers[WIDTH])
        height = numbers.get(TILE_HEIGHT, numbers[HEIGHT])
    if width * height > numbers[WIDTH] * numbers[HEIGHT] + MAX_SPARE_PIXELS:
        raise ImageUnsupported("the image's tiles are far larger than the image")
    columns, rows = (
        ceil(side / tile_side) if tile_side else 0
        for side, tile_side in ((numbers[WIDTH], width), (numbers[HEIGHT], height))
    )
    check_count(numbers, count, columns * rows)


def check_count(numbers: dict[int, int], count: int, expected: int) -> None:
    """Compare the number of strips or tiles to that of a plane, times the planes that there may be."""
    if count > MAX_STRIPS:
        raise ImageUnsupported(f"the image has more than {MAX_STRIPS} strips or tiles")
    if count > expected * max(numbers.get(SAMPLES, 1), 1):
        raise ImageCorrupt("the image is corrupt: it has more strips or tiles than rows for them")
