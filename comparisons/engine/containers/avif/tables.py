"""The tables that say which items a file has: ISO/IEC 14496-12, 8.11."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from comparisons.engine.containers.parts import Counter
from comparisons.engine.errors import ImageCorrupt

from .boxes import FULL_BOX_BYTES, Reader, index_boxes, split_boxes
from .still import Property

NAMES = {b"pitm", b"iinf", b"iloc", b"iref", b"iprp", b"idat"}
IN_FILE, IN_IDAT = 0, 1

# A part of an item, and how many bytes it should have.
Piece = tuple[memoryview, int]


@dataclass(frozen=True)
class Tables:
    """By the numbers of items: what they are, where, how, and to which others they refer by which names."""

    primary: int
    kinds: dict[int, bytes]
    pieces: dict[int, list[Piece]]
    properties: dict[int, tuple[Property, ...]]
    references: dict[tuple[bytes, int], list[int]]

    def find_properties(self, number: int) -> tuple[Property, ...]:
        return self.properties.get(number, ())

    def find_targets(self, name: bytes, number: int) -> list[int]:
        return self.references.get((name, number), [])


def read_tables(content: memoryview, meta: memoryview, parts: Counter) -> Tables:
    """:raises ImageCorrupt: one is there twice, or none says which item is the picture."""
    boxes = index_boxes(meta[FULL_BOX_BYTES:], NAMES, parts)
    if b"pitm" not in boxes:
        raise ImageCorrupt("the image is corrupt: none of its items is the picture")
    empty = content[:0]
    return Tables(
        read_primary(boxes[b"pitm"]),
        read_kinds(boxes.get(b"iinf", empty), parts),
        read_pieces(boxes.get(b"iloc", empty), content, boxes.get(b"idat", empty), parts),
        read_properties(boxes.get(b"iprp", empty), parts),
        read_references(boxes.get(b"iref", empty), parts),
    )


def read_primary(table: memoryview) -> int:
    reader = Reader(table)
    version, _ = reader.take(8), reader.take(24)
    return reader.take(32 if version else 16)


def read_kinds(table: memoryview, parts: Counter) -> dict[int, bytes]:
    kinds = {}
    for _, box in split_boxes(table[8 if any(table[:1]) else 6 :], parts):
        entry = Reader(box)
        version, _ = entry.take(8), entry.take(24)
        number, _ = entry.take(16 if version < 3 else 32), entry.take(16)
        kinds[number] = entry.take(32).to_bytes(4)
    return kinds


def read_pieces(
    table: memoryview, content: memoryview, idat: memoryview, parts: Counter
) -> dict[int, list[Piece]]:
    pieces: dict[int, list[Piece]] = defaultdict(list)
    reader = Reader(table)
    version, _ = reader.take(8), reader.take(24)
    offset_bits, size_bits, base_bits, index_bits = (8 * reader.take(4) for _ in range(4))
    id_bits = 16 if version < 2 else 32
    for _ in range(reader.take(id_bits)):
        parts.count()
        number, method = reader.take(id_bits), reader.take(16) if version else IN_FILE
        _, base = reader.take(16), reader.take(base_bits)
        source = {IN_FILE: content, IN_IDAT: idat}.get(method & 15, content[:0])
        for _ in range(reader.take(16)):
            parts.count()
            reader.take(index_bits if version else 0)
            start, size = base + reader.take(offset_bits), reader.take(size_bits)
            pieces[number].append((source[start : start + size], size))
    return pieces


def read_properties(table: memoryview, parts: Counter) -> dict[int, tuple[Property, ...]]:
    """:raises ImageCorrupt: an item has a property that isn't there, or two lists of them."""
    boxes = [*split_boxes(table, parts)]
    every = [box for name, inner in boxes if name == b"ipco" for box in split_boxes(inner, parts)]
    properties: dict[int, tuple[Property, ...]] = {}
    for reader in (Reader(inner) for name, inner in boxes if name == b"ipma"):
        version, flags, count = reader.take(8), reader.take(24), reader.take(32)
        for _ in range(count):
            parts.count()
            number = reader.take(32 if version else 16)
            if number in properties:
                raise ImageCorrupt("the image is corrupt: an item has two lists of properties")
            properties[number] = tuple(
                take_properties(reader, 15 if flags & 1 else 7, every, parts)
            )
    return properties


def take_properties(
    reader: Reader, index_bits: int, every: list[tuple[bytes, memoryview]], parts: Counter
) -> Iterator[Property]:
    for _ in range(reader.take(8)):
        parts.count()
        is_essential, index = bool(reader.take(1)), reader.take(index_bits)
        if index > len(every):
            raise ImageCorrupt("the image is corrupt: a property is missing")
        if index:
            yield Property(*every[index - 1], is_essential)


def read_references(table: memoryview, parts: Counter) -> dict[tuple[bytes, int], list[int]]:
    """:raises ImageCorrupt: an item is a part of a picture twice, or of two."""
    references: dict[tuple[bytes, int], list[int]] = defaultdict(list)
    id_bits = 32 if any(table[:1]) else 16
    used: set[int] = set()
    for name, box in split_boxes(table[FULL_BOX_BYTES:], parts):
        reader = Reader(box)
        number, count = reader.take(id_bits), reader.take(16)
        parts.count(count)
        targets = [reader.take(id_bits) for _ in range(count)]
        if name == b"dimg":
            if len({*targets} - used) < count:
                raise ImageCorrupt("the image is corrupt: a part of it is there twice")
            used.update(targets)
        references[name, number] += targets
    return references
