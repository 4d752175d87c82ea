"""Boxes, of which an AVIF is made: ISO/IEC 14496-12, 4.2."""

from collections.abc import Iterator

from comparisons.engine.containers.parts import Counter
from comparisons.engine.errors import ImageCorrupt, ImageTruncated

# Version and flags, which a "full" box has before its contents.
FULL_BOX_BYTES = 4
MAX_TEXT_BYTES = 64
# Those of the whole file, which tell of all that is in it.
TABLES = {b"meta", b"moov"}


class Reader:
    """Takes numbers of so many bits, one after the other. Behind the end are zeros."""

    def __init__(self, content: memoryview | bytes) -> None:
        self._content = content
        self._position = 0

    def take(self, bits: int) -> int:
        first, self._position = self._position // 8, self._position + bits
        last = (self._position + 7) // 8
        piece = bytes(self._content[first:last]).ljust(last - first, b"\0")
        return int.from_bytes(piece) >> (8 * last - self._position) & (1 << bits) - 1


def split_boxes(content: memoryview, parts: Counter) -> Iterator[tuple[bytes, memoryview]]:
    """Yield the names and contents of boxes.

    :raises ImageTruncated: there is less of the file's tables than they should have.
    """
    while len(content) >= 8:
        parts.count()
        size, name, start = int.from_bytes(content[:4]), bytes(content[4:8]), 8
        if size == 1:
            size, start = int.from_bytes(content[8:16]), 16
        if name in TABLES and size > len(content):
            raise ImageTruncated("the image is truncated: its end is missing")
        # The last one may leave its size open.
        yield name, content[start : size or None]
        content = content[max(size, start) if size else len(content) :]


def index_boxes(content: memoryview, wanted: set[bytes], parts: Counter) -> dict[bytes, memoryview]:
    """Find the boxes of these names, of each of which there may be one.

    :raises ImageCorrupt: there are more.
    """
    boxes: dict[bytes, memoryview] = {}
    for name, box in split_boxes(content, parts):
        if name in boxes:
            raise ImageCorrupt(f"the image is corrupt: it has two {name.decode()} boxes")
        if name in wanted:
            boxes[name] = box
    return boxes


def find_inner(content: memoryview, path: tuple[bytes, ...], parts: Counter) -> memoryview:
    """Find the first box of each name in the one before; empty if there is none."""
    for wanted in path:
        boxes = split_boxes(content, parts)
        content = next((box for name, box in boxes if name == wanted), content[:0])
    return content


def make_header(name: bytes, size_bytes: int) -> bytes:
    return (8 + size_bytes).to_bytes(4) + name


def make_box(name: bytes, *contents: bytes) -> bytes:
    return make_header(name, sum(map(len, contents))) + b"".join(contents)


def make_full_box(name: bytes, *contents: bytes, version: int = 0, flags: int = 0) -> bytes:
    return make_box(name, (version << 24 | flags).to_bytes(FULL_BOX_BYTES), *contents)


def read_text(box: memoryview) -> bytes:
    """Read the text that a full box begins with, as far as any that is known here goes."""
    return bytes(box[FULL_BOX_BYTES : FULL_BOX_BYTES + MAX_TEXT_BYTES]).split(b"\0")[0]
