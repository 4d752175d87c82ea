"""The first frame of an AVIF image sequence: ISO/IEC 14496-12, 8.3 to 8.7, and ISO/IEC 23008-12, 7."""

from collections.abc import Iterator
from dataclasses import dataclass

from comparisons.engine.containers.parts import Counter
from comparisons.engine.errors import ImageCorrupt, ImageTruncated

from .boxes import FULL_BOX_BYTES, Reader, find_inner, index_boxes, read_text, split_boxes
from .items import ALPHA_KINDS, CODED
from .still import Item, Property, Still

SAMPLE_TABLE = b"mdia", b"minf", b"stbl"
TABLES = {b"stsd", b"stco", b"co64", b"stsc", b"stsz"}
# Of stsz: where the sizes begin that aren't all the same.
SIZES_AT = 12
# Of an entry of stsd: what any picture has before its boxes.
VISUAL_ENTRY_BYTES = 78
ALPHA_KIND = b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0"


@dataclass(frozen=True)
class Track:
    """``references`` are the tracks that it refers to, by kind of reference."""

    number: int
    references: dict[bytes, int]
    first_frame: Item
    frames: int

    @property
    def may_be_alpha(self) -> bool:
        kind = self.first_frame.find(b"auxi")
        return kind is None or read_text(kind) in ALPHA_KINDS


def read_first_frame(content: memoryview, movie: memoryview, parts: Counter) -> Still:
    """Read the first frame of the first track that is no part of another one.

    :raises DecodeError: there is none.
    """
    tracks = [*find_tracks(content, movie, parts)]
    color = next((track for track in tracks if b"auxl" not in track.references), None)
    if color is None:
        raise ImageCorrupt("the image is corrupt: it has no frames")
    for alpha in tracks:
        if alpha.references.get(b"auxl") == color.number and alpha.may_be_alpha:
            is_premultiplied = color.references.get(b"prem") == alpha.number
            item = mark_as_alpha(alpha.first_frame)
            return Still(color.first_frame, item, is_premultiplied, color.frames)
    return Still(color.first_frame, frames=color.frames)


def mark_as_alpha(item: Item) -> Item:
    kind = Property(b"auxC", memoryview(bytes(FULL_BOX_BYTES) + ALPHA_KIND))
    return Item((*item.properties, kind), item.data)


def find_tracks(content: memoryview, movie: memoryview, parts: Counter) -> Iterator[Track]:
    """Yield the tracks that are coded by AV1."""
    for name, box in split_boxes(movie, parts):
        if name != b"trak":
            continue
        tables = index_boxes(find_inner(box, SAMPLE_TABLE, parts), TABLES, parts)
        places = tables.get(b"stco") or tables.get(b"co64")
        entry = find_inner(tables.get(b"stsd", box[:0])[8:], (CODED,), parts)
        if not places or not entry:
            continue
        number, size = read_header(find_inner(box, (b"tkhd",), parts))
        data, frames = read_samples(content, tables)
        properties = [Property(*inner) for inner in split_boxes(entry[VISUAL_ENTRY_BYTES:], parts)]
        item = Item((Property(b"ispe", size), *properties), data)
        yield Track(number, read_references(box, parts), item, frames)


def read_header(header: memoryview) -> tuple[int, memoryview]:
    """Read a track's number and its size, as the property that items have: whole pixels.

    The 65536ths that follow don't count.
    """
    number_at, size_at = (20, 88) if any(header[:1]) else (12, 76)
    sides = (bytes(2) + header[at : at + 2] for at in (size_at, size_at + 4))
    size = bytes(FULL_BOX_BYTES) + b"".join(sides)
    return int.from_bytes(header[number_at : number_at + 4]), memoryview(size)


def read_references(track: memoryview, parts: Counter) -> dict[bytes, int]:
    boxes = split_boxes(find_inner(track, (b"tref",), parts), parts)
    return {name: int.from_bytes(box[:4]) for name, box in boxes}


def read_samples(content: memoryview, tables: dict[bytes, memoryview]) -> tuple[memoryview, int]:
    """Read the first sample, and count all.

    :raises ImageTruncated: it is beyond the end of the file.
    """
    name, bits = (b"stco", 32) if b"stco" in tables else (b"co64", 64)
    table = tables.get(b"stsz", content[:0])
    places, sizes = Reader(tables[name]), Reader(table)
    _, start = places.take(64), places.take(bits)
    _, common_size, count = sizes.take(32), sizes.take(32), sizes.take(32)
    size = common_size or sizes.take(32)
    sample = content[start : start + size]
    if len(sample) < size:
        raise ImageTruncated("the image is truncated: its end is missing")
    # The first, and no more than there is room for.
    room = len(content) // common_size if common_size else (len(table) - SIZES_AT) // 4
    return sample, max(1, min(count, room))
