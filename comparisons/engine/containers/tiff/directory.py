"""The directories of a TIFF, and the values in them.

https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf, page 13. BigTIFF, signed 43 for 42, has
longer numbers: https://libtiff.gitlab.io/libtiff/specification/bigtiff.html.
"""

import struct
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from comparisons.engine.containers.parts import MAX_PARTS
from comparisons.engine.errors import (
    DecodeError,
    ImageCorrupt,
    ImageTruncated,
    ImageUnsupported,
)

from .tags import Tag

# What values are to `struct`, by their type: BYTE, SHORT, LONG, IFD, and LONG8 and IFD8 of BigTIFF.
NUMBERS = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}
# RATIONAL: two numbers.
RATIONALS = {5: "II"}
# The highest that a TIFF other than BigTIFF has room for.
MAX_NUMBER = 0xFFFFFFFF
# BYTE, ASCII and UNDEFINED: taken as they are.
BYTES = {1: "c", 2: "c", 7: "c"}


def refuse_value(tag: Tag) -> ImageCorrupt:
    return ImageCorrupt(f"the image is corrupt: its {tag.title} has an invalid value")


class Entry(NamedTuple):
    """It has ``values`` values; ``value`` has them where there is room, or else their place."""

    tag: int
    kind: int
    values: int
    value: bytes


class TiffFile:
    """Reads numbers as the file's first bytes say."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.order = "<" if content.startswith(b"II") else ">"
        is_big = b"+" in content[2:4]
        self._pointer = struct.Struct(self.order + ("Q" if is_big else "I"))
        self._count = struct.Struct(self.order + ("Q" if is_big else "H"))
        self._entry = struct.Struct(self.order + ("HHQ8s" if is_big else "HHI4s"))

    def find_directories(self) -> Iterator[int]:
        """Yield the place of each directory, until there is none, or one again."""
        seen: set[int] = set()
        # The first pointer is behind the signature; that of BigTIFF, behind the sizes of pointers too.
        pointer_at = self._pointer.size
        while (place := self._read(self._pointer, pointer_at)) and place not in seen:
            yield place
            seen.add(place)
            pointer_at = self._find_end(place)

    def read_first_entry(self, place: int) -> Entry | None:
        start = place + self._count.size
        entry = self.content[start : start + self._entry.size]
        if not self._read(self._count, place) or len(entry) < self._entry.size:
            return None
        return Entry(*self._entry.unpack(entry))

    def read_directory(self, place: int) -> "Directory":
        """:raises ImageTruncated: the directory goes beyond the end of the file.
        :raises ImageUnsupported: it has far too many entries.
        """
        end = self._find_end(place)
        if end > len(self.content) or place + self._count.size > len(self.content):
            raise ImageTruncated("the image is truncated: its end is missing")
        packed = self.content[place + self._count.size : end]
        if len(packed) > MAX_PARTS * self._entry.size:
            raise ImageUnsupported(f"the image has more than {MAX_PARTS} tags")
        return Directory(self, [Entry(*entry) for entry in self._entry.iter_unpack(packed)])

    def read_bytes(self, pointer: bytes, size_bytes: int) -> bytes:
        """Read what the pointer points to, as far as it is there."""
        (place,) = self._pointer.unpack(pointer)
        return self.content[place : place + size_bytes]

    def _find_end(self, place: int) -> int:
        count = self._read(self._count, place)
        return place + self._count.size + count * self._entry.size

    def _read(self, number: struct.Struct, place: int) -> int:
        packed = self.content[place : place + number.size]
        return int(number.unpack(packed)[0]) if len(packed) == number.size else 0


class Directory:
    """The entries of a directory, whose values are read when they are asked for."""

    def __init__(self, file: TiffFile, entries: list[Entry]) -> None:
        self._file = file
        self._entries: dict[int, Entry] = {}
        self._ambiguous: set[int] = set()
        for entry in entries:
            if self._entries.setdefault(entry.tag, entry) != entry:
                self._ambiguous.add(entry.tag)

    def __contains__(self, tag: Tag) -> bool:
        return tag in self._entries

    @property
    def file_bytes(self) -> int:
        return len(self._file.content)

    def count(self, tag: Tag) -> int:
        return self._entries[tag].values if tag in self else 0

    def read_numbers(self, tag: Tag, most: int) -> tuple[int, ...]:
        """Read as many whole numbers as there are, at most as many as are wanted.

        :raises ImageTruncated: they are beyond the end of the file.
        :raises ImageCorrupt: they are of another type, or above ``MAX_NUMBER``, or there are two
            entries that differ.
        """
        numbers = self._unpack(tag, NUMBERS, most)
        if numbers and max(numbers) > MAX_NUMBER:
            raise refuse_value(tag)
        return numbers

    def read_number(self, tag: Tag, default: int) -> int:
        """Read the first; raises what ``read_numbers`` does."""
        return next(iter(self.read_numbers(tag, 1)), default)

    def read_ratios(self, tag: Tag, most: int) -> tuple[float, ...]:
        """Raises what ``read_numbers`` does."""
        if tag in self and self._entries[tag].kind in NUMBERS:
            return tuple(float(number) for number in self.read_numbers(tag, most))
        parts = iter(self._unpack(tag, RATIONALS, most))
        return tuple(above / max(below, 1) for above, below in zip(parts, parts, strict=True))

    def read_bytes(self, tag: Tag) -> bytes:
        """Raises what ``read_numbers`` does."""
        return self._find_values(tag, BYTES, self.file_bytes + 1)

    def find_number(self, tag: Tag, default: int) -> int:
        """Read what a picture can do without: the default where it's damaged."""
        with suppress(DecodeError):
            return self.read_number(tag, default)
        return default

    def find_bytes(self, tag: Tag) -> bytes:
        """Read what a picture can do without: nothing where it's damaged."""
        with suppress(DecodeError):
            return self.read_bytes(tag)
        return b""

    def _unpack(self, tag: Tag, kinds: dict[int, str], most: int) -> tuple[int, ...]:
        packed = self._find_values(tag, kinds, most)
        if not packed:
            return ()
        value = kinds[self._entries[tag].kind]
        numbers = len(packed) // struct.calcsize(value[0])
        return struct.unpack(f"{self._file.order}{numbers}{value[0]}", packed)

    def _find_values(self, tag: Tag, kinds: dict[int, str], most: int) -> bytes:
        entry = self._entries.get(tag)
        if entry is None:
            return b""
        if tag in self._ambiguous:
            raise ImageCorrupt(f"the image is corrupt: it has two values of {tag.title}")
        if entry.kind not in kinds or not entry.values:
            raise refuse_value(tag)
        value_bytes = struct.calcsize("=" + kinds[entry.kind])
        size_bytes = value_bytes * min(entry.values, most)
        if entry.values * value_bytes <= len(entry.value):
            return entry.value[:size_bytes]
        packed = self._file.read_bytes(entry.value, size_bytes)
        if len(packed) < size_bytes:
            raise ImageTruncated("the image is truncated: its end is missing")
        return packed
