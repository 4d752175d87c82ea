"""An AVIF that has one still picture, and nothing else: all that decoders get to see."""

from collections.abc import Iterator
from itertools import accumulate

from comparisons.engine.errors import ImageCorrupt

from .boxes import make_box, make_full_box, make_header
from .items import CODED, ESSENTIAL, GRID
from .still import Item, Property, Still

COLOR = 1
# Not those that turn the picture or cut it: that is done here. Of the colours, those that decoders
# need to make RGB, not those that say what RGB means.
KEPT = {b"ispe", b"pixi", b"av1C", b"auxC", b"a1op", b"lsel"}
NCLX = b"nclx"
# More than any of them needs.
MAX_PROPERTY_BYTES = 256
# Of one item: their number takes a byte.
MAX_PROPERTIES = 255

TYPES = make_box(b"ftyp", b"avif", bytes(4), b"avifmif1miaf")
HANDLER = make_full_box(b"hdlr", bytes(4), b"pict", bytes(13))


def write_still(still: Still) -> bytes:
    """Write a file of the picture.

    :raises ImageCorrupt: it can't be written.
    """
    items = [*list_items(still)]
    header = make_header(b"mdat", sum(len(item.data) for item in items))
    # Places are of a fixed number of bytes, so that a first try tells where they begin.
    start = len(TYPES) + len(write_meta(still, items, 0)) + len(header)
    data = (item.data for item in items)
    return b"".join([TYPES, write_meta(still, items, start), header, *data])


def list_items(still: Still) -> Iterator[Item]:
    """Yield all items, in the order of their numbers: first the colours, which are number 1."""
    for item in filter(None, (still.color, still.alpha)):
        yield item
        yield from item.cells


def write_meta(still: Still, items: list[Item], start: int) -> bytes:
    return make_full_box(
        b"meta",
        HANDLER,
        make_full_box(b"pitm", COLOR.to_bytes(2)),
        write_places(items, start),
        write_kinds(items),
        write_references(still),
        write_properties(items),
    )


def write_places(items: list[Item], start: int) -> bytes:
    starts = accumulate((len(item.data) for item in items), initial=start)
    entries = [
        number.to_bytes(2) + b"\0\0\0\1" + place.to_bytes(4) + len(item.data).to_bytes(4)
        for number, (item, place) in enumerate(zip(items, starts, strict=False), COLOR)
    ]
    return make_full_box(b"iloc", b"\x44\0", len(items).to_bytes(2), *entries)


def write_kinds(items: list[Item]) -> bytes:
    entries = [
        make_full_box(
            b"infe", number.to_bytes(2), b"\0\0", GRID if item.cells else CODED, b"\0", version=2
        )
        for number, item in enumerate(items, COLOR)
    ]
    return make_full_box(b"iinf", len(items).to_bytes(2), *entries)


def write_references(still: Still) -> bytes:
    alpha = COLOR + 1 + len(still.color.cells)
    references = []
    for number, item in ((COLOR, still.color), (alpha, still.alpha)):
        if item and item.cells:
            cells = range(number + 1, number + 1 + len(item.cells))
            references.append(write_reference(b"dimg", number, *cells))
    if still.alpha:
        references.append(write_reference(b"auxl", alpha, COLOR))
        if still.is_premultiplied:
            references.append(write_reference(b"prem", COLOR, alpha))
    return make_full_box(b"iref", *references)


def write_reference(name: bytes, number: int, *targets: int) -> bytes:
    numbers = (number, len(targets), *targets)
    return make_box(name, *(number.to_bytes(2) for number in numbers))


def write_properties(items: list[Item]) -> bytes:
    """:raises ImageCorrupt: an item has more than a table can say."""
    every: dict[bytes, int] = {}
    entries = []
    for number, item in enumerate(items, COLOR):
        kept = [write_property(found, every) for found in item.properties if is_kept(found)]
        if len(kept) > MAX_PROPERTIES:
            raise ImageCorrupt("the image is corrupt: it has too many properties")
        entries.append(number.to_bytes(2) + len(kept).to_bytes(1) + b"".join(kept))
    table = make_full_box(b"ipma", len(items).to_bytes(4), *entries, flags=1)
    return make_box(b"iprp", make_box(b"ipco", *every), table)


def write_property(found: Property, every: dict[bytes, int]) -> bytes:
    """Number a property, the same one only once; write that an item has it."""
    box = make_box(found.name, bytes(found.data[:MAX_PROPERTY_BYTES]))
    number = every.setdefault(box, len(every) + 1)
    return ((found.name in ESSENTIAL) << 15 | number).to_bytes(2)


def is_kept(found: Property) -> bool:
    return found.name in KEPT or (found.name == b"colr" and found.data[:4] == NCLX)
