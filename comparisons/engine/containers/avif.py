"""AVIF, and how large its frames are, whatever the file says of the picture.

libavif believes the file's own list of sizes, decodes frames of any other, and scales them: 2 KB that
said 10 x 10 took the memory of 100 million pixels. Boxes are those of ISO/IEC 14496-12; what AVIF keeps
in them, https://aomediacodec.github.io/av1-avif/ says.
"""

from collections.abc import Iterator

from comparisons.engine.errors import ImageCorrupt, ImageUnsupported

from .parts import Counter

SEQUENCE = b"avis"
# Pillow's.
BRANDS = {b"avif", SEQUENCE, b"mif1", b"msf1"}

# Colours and opacity, twice where an animation has a still as well.
MAX_FRAMES = 4
# Thumbnails, and what the cells of a grid have beyond its edges.
MAX_SPARE_PIXELS = 2048 * 2048

# Boxes of boxes, and the bytes that these have before those.
CONTAINERS = {
    b"meta": 4,
    **dict.fromkeys([b"moov", b"trak", b"mdia", b"minf", b"stbl"], 0),
}
# What is shown and how large it is; where items, and the samples of tracks, are.
TABLES = {b"pitm", b"iprp", b"tkhd", b"iinf", b"iloc", b"idat", b"stco", b"co64", b"stsz"}
AV1 = int.from_bytes(b"av01")
IN_IDAT = 1

# https://aomediacodec.github.io/av1-spec/#obu-header-semantics
SEQUENCE_HEADER = 1

Boxes = dict[bytes, memoryview]


class Reader:
    """Takes numbers of so many bits, one after the other; behind the end are zeros."""

    def __init__(self, content: memoryview) -> None:
        self._content = content
        self._position = 0

    def take(self, bits: int) -> int:
        first, self._position = self._position // 8, self._position + bits
        last = (self._position + 7) // 8
        piece = bytes(self._content[first:last]).ljust(last - first, b"\0")
        return int.from_bytes(piece) >> (8 * last - self._position) & (1 << bits) - 1


def recognizes(content: bytes) -> bool:
    return content[4:8] == b"ftyp" and content[8:12] in BRANDS


def measure(content: bytes) -> tuple[int, int]:
    """Read the size of the picture, and compare the frames to it.

    :raises ImageUnsupported: they have far more pixels, or the file is of too many parts.
    :raises ImageCorrupt: it says no size, or twice where something is.
    """
    view, parts, size_bytes = memoryview(content), Counter(), 2 * len(content)
    still, track, frame_pixels = None, None, 0
    for boxes in find_tables(view, parts, {}):
        still = still or find_still_size(boxes, parts)
        track = track or find_track_size(boxes)
        for pieces in [*find_items(view, boxes, parts), *find_first_sample(view, boxes)]:
            size_bytes -= sum(map(len, pieces))
            if size_bytes < 0:
                raise ImageUnsupported("the image is of parts that overlap")
            frame_pixels += count_pixels(b"".join(pieces), parts)
    # A sequence is shown by its track.
    size = track or still if content[8:12] == SEQUENCE else still or track
    if size is None:
        raise ImageCorrupt("the image is corrupt: it has no size")
    if frame_pixels > MAX_FRAMES * size[0] * size[1] + MAX_SPARE_PIXELS:
        raise ImageUnsupported("the image's frames are far larger than the image")
    return size


def find_still_size(boxes: Boxes, parts: Counter) -> tuple[int, int] | None:
    """Find the size that belongs to the item that is shown; None if there is none in these boxes."""
    if b"pitm" not in boxes or b"iprp" not in boxes:
        return None
    shown = read_item(Reader(boxes[b"pitm"]))
    tables = [*split_boxes(boxes[b"iprp"], parts)]
    properties = [
        box for name, table in tables if name == b"ipco" for box in split_boxes(table, parts)
    ]
    for table in (table for name, table in tables if name == b"ipma"):
        for number in find_properties(table, shown, parts):
            name, box = properties[number - 1] if 0 < number <= len(properties) else (b"", table)
            if name == b"ispe":
                return int.from_bytes(box[4:8]), int.from_bytes(box[8:12])
    return None


def read_item(reader: Reader) -> int:
    """Read which item is shown."""
    version, _ = reader.take(8), reader.take(24)
    return reader.take(32 if version else 16)


def find_properties(table: memoryview, shown: int, parts: Counter) -> Iterator[int]:
    """Yield the numbers of an item's properties."""
    reader = Reader(table)
    version, flags, count = reader.take(8), reader.take(24), reader.take(32)
    for _ in range(count):
        parts.count()
        item = reader.take(32 if version else 16)
        for _ in range(reader.take(8)):
            parts.count()
            _, index = reader.take(1), reader.take(15 if flags & 1 else 7)
            if item == shown:
                yield index


def find_track_size(boxes: Boxes) -> tuple[int, int] | None:
    """Find the size of a track: whole numbers, and 65536ths that don't count."""
    header = boxes.get(b"tkhd", memoryview(b""))
    at = 88 if any(header[:1]) else 76
    width, height = int.from_bytes(header[at : at + 2]), int.from_bytes(header[at + 4 : at + 6])
    return (width, height) if width and height else None


def find_tables(content: memoryview, parts: Counter, tables: Boxes) -> Iterator[Boxes]:
    """Yield the tables of each container, outermost last; ``tables`` takes those of this one."""
    for name, box in split_boxes(content, parts):
        if name in CONTAINERS:
            yield from find_tables(box[CONTAINERS[name] :], parts, {})
        elif name in TABLES and tables.setdefault(name, box) is not box:
            raise ImageCorrupt("the image is corrupt: a table is there twice")
    yield tables


def split_boxes(content: memoryview, parts: Counter) -> Iterator[tuple[bytes, memoryview]]:
    """Yield the names and contents of boxes."""
    while len(content) >= 8:
        parts.count()
        size, name, start = int.from_bytes(content[:4]), bytes(content[4:8]), 8
        if size == 1:
            size, start = int.from_bytes(content[8:16]), 16
        # The last one may leave its size open.
        yield name, content[start : size or None]
        content = content[max(size, start) if size else len(content) :]


def find_items(content: memoryview, boxes: Boxes, parts: Counter) -> Iterator[list[memoryview]]:
    """Yield the pieces of each item that is a frame, by the table of their places."""
    if b"iloc" not in boxes:
        return
    frames, table = find_frame_ids(boxes, parts), Reader(boxes[b"iloc"])
    version, _ = table.take(8), table.take(24)
    offset_bits, length_bits, base_bits, index_bits = (8 * table.take(4) for _ in range(4))
    id_bits = 16 if version < 2 else 32
    for _ in range(table.take(id_bits)):
        parts.count()
        item, method = table.take(id_bits), table.take(16) if version else 0
        _, base = table.take(16), table.take(base_bits)
        source = boxes.get(b"idat", content[:0]) if method & 15 == IN_IDAT else content
        pieces = []
        for _ in range(table.take(16)):
            parts.count()
            _ = table.take(index_bits) if version else 0
            start, length = base + table.take(offset_bits), table.take(length_bits)
            pieces.append(source[start : start + length])
        if item in frames:
            yield pieces


def find_frame_ids(boxes: Boxes, parts: Counter) -> set[int]:
    """Find which items are coded by AV1."""
    ids, table = set(), boxes.get(b"iinf", memoryview(b""))
    for _, box in split_boxes(table[8 if any(table[:1]) else 6 :], parts):
        entry = Reader(box)
        version, _ = entry.take(8), entry.take(24)
        item, _ = entry.take(16 if version < 3 else 32), entry.take(16)
        if entry.take(32) == AV1:
            ids.add(item)
    return ids


def find_first_sample(content: memoryview, boxes: Boxes) -> Iterator[list[memoryview]]:
    """Yield the first frame of a track: all that is decoded of it."""
    for name, bits in {b"stco": 32, b"co64": 64}.items():
        if name in boxes:
            offsets, sizes = Reader(boxes[name]), Reader(boxes.get(b"stsz", content[:0]))
            _, start = offsets.take(64), offsets.take(bits)
            _, size, _ = sizes.take(32), sizes.take(32), sizes.take(32)
            yield [content[start : start + (size or sizes.take(32))]]


def count_pixels(coded: bytes, parts: Counter) -> int:
    """Count the pixels of the largest frame that AV1's units announce."""
    pixels, rest = 0, memoryview(coded)
    while rest:
        parts.count()
        unit = Reader(rest[:16])
        _, kind, has_extension, has_size, _ = (unit.take(bits) for bits in (1, 4, 1, 1, 1))
        start, size = 1 + has_extension, len(rest)
        unit.take(8 * has_extension)
        if has_size:
            more, place, size = 1, 0, 0
            while more and place < 8:
                more, size = unit.take(1), size | unit.take(7) << 7 * place
                place += 1
            start += place
        if kind == SEQUENCE_HEADER:
            pixels = max(pixels, read_frame_pixels(Reader(rest[start : start + size])))
        rest = rest[start + size :]
    return pixels


def read_frame_pixels(header: Reader) -> int:
    """Read how large frames may be: https://aomediacodec.github.io/av1-spec/#sequence-header-obu-syntax."""
    take = header.take
    _, _, is_reduced = take(3), take(1), take(1)
    if is_reduced:
        take(5)
    else:
        skip_operating_points(header)
    width_bits, height_bits = take(4) + 1, take(4) + 1
    return (take(width_bits) + 1) * (take(height_bits) + 1)


def skip_operating_points(header: Reader) -> None:
    take = header.take
    delay_bits = 0
    if take(1):
        take(64)
        if take(1):
            skip_variable_number(header)
        if take(1):
            delay_bits = take(5) + 1
            take(42)
    has_display_delay = take(1)
    for _ in range(take(5) + 1):
        take(12)
        if take(5) > 7:
            take(1)
        if delay_bits and take(1):
            take(2 * delay_bits + 1)
        if has_display_delay and take(1):
            take(4)


def skip_variable_number(header: Reader) -> None:
    """Skip as many bits as there are zeros before: https://aomediacodec.github.io/av1-spec/#uvlc."""
    zeros = 0
    while zeros < 32 and not header.take(1):
        zeros += 1
    header.take(zeros % 32)
