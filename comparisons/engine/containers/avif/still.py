"""What is decoded of an AVIF: the picture that it shows, without all else that is in the file."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple


class Property(NamedTuple):
    """A property of an image: a box, and whether what doesn't understand it must not show the image."""

    name: bytes
    data: memoryview
    is_essential: bool = False


@dataclass(frozen=True)
class Item:
    """An image: coded by AV1, or a grid of such, whose ``data`` then says how many rows and columns there are."""

    properties: tuple[Property, ...]
    data: bytes | memoryview
    cells: tuple["Item", ...] = ()

    def find(self, name: bytes) -> memoryview | None:
        """Find the first property of this name."""
        return next((found.data for found in self.properties if found.name == name), None)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, as its properties say; 0 if they don't."""
        extents = self.find(b"ispe") or b""
        return int.from_bytes(extents[4:8]), int.from_bytes(extents[8:12])

    @property
    def coded(self) -> tuple["Item", ...]:
        """What it is made of: its cells, or only itself."""
        return self.cells or (self,)


@dataclass(frozen=True)
class Still:
    """The colours and the opacity of a picture; ``frames`` counts it and what is shown after it."""

    color: Item
    alpha: Item | None = None
    is_premultiplied: bool = False
    frames: int = 1

    @property
    def coded(self) -> Iterator[Item]:
        for item in filter(None, (self.color, self.alpha)):
            yield from item.coded
