"""The image items of an AVIF: ISO/IEC 23008-12.

Only those are read that the picture is made of: no thumbnails, no gain maps, no Exif.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from comparisons.engine.containers.parts import Counter
from comparisons.engine.errors import ImageCorrupt, ImageTruncated, ImageUnsupported

from .boxes import read_text
from .still import Item, Property, Still
from .tables import Tables, read_tables

CODED, GRID = b"av01", b"grid"
ALPHA_KINDS = {
    b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha",
    b"urn:mpeg:hevc:2015:auxid:1",
}

# What may be marked as essential: what isn't known here then keeps an item from being shown.
KNOWN = {b"ispe", b"pixi", b"av1C", b"colr", b"auxC", b"pasp", b"clli"}
# What must be: https://aomediacodec.github.io/av1-avif/#item-properties and ISO/IEC 23000-22, 7.3.9.
ESSENTIAL = {b"a1op", b"lsel", b"clap", b"irot", b"imir"}
UNDERSTOOD = KNOWN | ESSENTIAL

# Cells of one colour often share their bytes; as many as it likes would make a small file a large one.
MAX_SHARED_BYTES = 4_000_000


def read_still(content: memoryview, meta: memoryview, parts: Counter) -> Still:
    """Read the primary item, and its opacity.

    :raises DecodeError: there is none, or it can't be shown.
    """
    items = Items(read_tables(content, meta, parts), len(content) + MAX_SHARED_BYTES)
    primary = items.tables.primary
    if primary not in items.tables.kinds:
        raise ImageCorrupt("the image is corrupt: the item that is the picture is missing")
    if not items.is_shown(primary):
        raise ImageUnsupported("this kind of AVIF is not supported; export it as PNG")
    color, alpha = items.read(primary), items.alphas.get(primary)
    if alpha is None:
        return Still(color, items.read_alpha_of_cells(color))
    return Still(color, items.read(alpha), alpha in items.tables.find_targets(b"prem", primary))


@dataclass
class Items:
    """Reads items by their numbers: no more bytes of them than ``bytes_left``."""

    tables: Tables
    bytes_left: int

    @cached_property
    def alphas(self) -> dict[int, int]:
        """The items that are the opacity of others, by those."""
        alphas: dict[int, int] = {}
        for number in filter(self.is_alpha, self.tables.kinds):
            for target in self.tables.find_targets(b"auxl", number):
                alphas.setdefault(target, number)
        return alphas

    def is_alpha(self, number: int) -> bool:
        return self.is_shown(number) and any(
            name == b"auxC" and read_text(data) in ALPHA_KINDS
            for name, data, _ in self.tables.find_properties(number)
        )

    def is_shown(self, number: int) -> bool:
        """Tell whether it is an image that can be shown."""
        return self.tables.kinds.get(number) in {CODED, GRID} and all(
            name in UNDERSTOOD or not is_essential
            for name, _, is_essential in self.tables.find_properties(number)
        )

    def read(self, number: int) -> Item:
        """Read an image and its cells.

        :raises DecodeError: it is not as it should be.
        """
        properties = self.tables.find_properties(number)
        for name, _, is_essential in properties:
            if name in ESSENTIAL and not is_essential:
                raise ImageCorrupt("the image is corrupt: what is essential is not marked as such")
        cells: Iterator[Item] = iter(())
        if self.tables.kinds[number] == GRID:
            cells = map(self.read_cell, self.tables.find_targets(b"dimg", number))
        return Item(properties, self.read_data(number), tuple(cells))

    def read_cell(self, number: int) -> Item:
        if self.tables.kinds.get(number) != CODED or not self.is_shown(number):
            raise ImageCorrupt("the image is corrupt: a cell of its grid is no image")
        return self.read(number)

    def read_data(self, number: int) -> bytes | memoryview:
        """:raises ImageTruncated: it is beyond the end of the file."""
        pieces = self.tables.pieces.get(number, [])
        self.bytes_left -= sum(len(piece) for piece, _ in pieces)
        if self.bytes_left < 0:
            raise ImageUnsupported("the image's parts overlap")
        if any(len(piece) < size for piece, size in pieces):
            raise ImageTruncated("the image is truncated: its end is missing")
        views = [piece for piece, _ in pieces]
        return views[0] if len(views) == 1 else b"".join(views)

    def read_alpha_of_cells(self, color: Item) -> Item | None:
        """Make a grid of the opacity of each cell; None if there isn't one for each.

        :raises ImageCorrupt: an item is the opacity of two.
        """
        cells = self.tables.find_targets(b"dimg", self.tables.primary)
        numbers = [self.alphas[cell] for cell in cells if cell in self.alphas]
        if not numbers or len(numbers) < len(cells):
            return None
        if len({*numbers}) < len(numbers):
            raise ImageCorrupt("the image is corrupt: a part of it is there twice")
        alphas = tuple(map(self.read_cell, numbers))
        properties = [Property(b"ispe", color.find(b"ispe") or memoryview(b""))]
        properties += [found for found in alphas[0].properties if found.name == b"auxC"]
        return Item(tuple(properties), color.data, alphas)
