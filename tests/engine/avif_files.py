"""AVIF files, made box by box: ISO/IEC 14496-12 and https://aomediacodec.github.io/av1-avif/."""

import io
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from comparisons.engine import Picture

ALPHA = "urn:mpeg:mpegB:cicp:systems:auxiliary:alpha"
# ColourPrimaries, TransferCharacteristics and MatrixCoefficients: https://www.itu.int/rec/T-REC-H.273.
SRGB_IDENTITY = 1, 13, 0
GRID_HEADER = struct.Struct(">BBBBHH")

Property = tuple[str, bytes]
ESSENTIAL = {"a1op", "lsel", "clap", "irot", "imir"}


@dataclass
class Item:
    """An item of a file; ``essential`` are names of properties that are marked so."""

    data: bytes
    properties: list[Property] = field(default_factory=list)
    kind: str = "av01"
    essential: set[str] = field(default_factory=lambda: {*ESSENTIAL})

    def with_(self, *properties: Property) -> "Item":
        return Item(self.data, [*self.properties, *properties], self.kind, self.essential)

    def without(self, *names: str) -> "Item":
        kept = [found for found in self.properties if found[0] not in names]
        return Item(self.data, kept, self.kind, self.essential)


def box(name: str, *contents: bytes) -> bytes:
    return struct.pack(">I", 8 + sum(map(len, contents))) + name.encode() + b"".join(contents)


def full_box(name: str, *contents: bytes, version: int = 0, flags: int = 0) -> bytes:
    return box(name, struct.pack(">I", version << 24 | flags), *contents)


def size(width: int, height: int) -> Property:
    return "ispe", struct.pack(">III", 0, width, height)


def code_points(primaries: int, transfer: int, matrix: int, *, is_full: bool = True) -> Property:
    return "colr", b"nclx" + struct.pack(">HHHB", primaries, transfer, matrix, is_full << 7)


def profile(content: bytes) -> Property:
    return "colr", b"prof" + content


def kind_of_auxiliary(name: str = ALPHA) -> Property:
    return "auxC", bytes(4) + name.encode() + b"\0"


def aperture(width: int, height: int, right: tuple[int, int], down: tuple[int, int]) -> Property:
    return "clap", struct.pack(">8i", width, 1, height, 1, *right, *down)


def code(samples: NDArray[Any], depth: int = 8, *, colors: Sequence[int] = SRGB_IDENTITY) -> Item:
    """Code height x width (gray) or x 3 (RGB) without loss: RGB as such."""
    height, width = samples.shape[:2]
    stored = samples if samples.ndim == 2 else samples[..., ::-1]
    settings = [cv2.IMWRITE_AVIF_QUALITY, 100, cv2.IMWRITE_AVIF_DEPTH, depth]
    kind = np.uint8 if depth == 8 else np.uint16
    _, content = cv2.imencode(".avif", np.ascontiguousarray(stored, kind), settings)
    item = take_item(content.tobytes())
    return item.with_(size(width, height), code_points(*colors))


def code_lossy(samples: NDArray[Any], **settings: Any) -> Item:
    """Code height x width x 3, RGB, uint8, as YCbCr; the file says how."""
    buffer = io.BytesIO()
    Image.fromarray(samples).save(buffer, "AVIF", **settings)
    content = buffer.getvalue()
    at = content.index(b"colrnclx") + 4
    height, width = samples.shape[:2]
    return take_item(content).with_(size(width, height), ("colr", content[at : at + 11]))


def make_opacity(samples: NDArray[Any], depth: int = 8, kind: str = ALPHA) -> Item:
    """Code height x width without loss, as what belongs to another item."""
    return code(samples, depth).without("colr").with_(kind_of_auxiliary(kind))


def opacity_of(picture: Picture) -> NDArray[np.uint8]:
    """Take the opacity of a picture that has one: height x width."""
    assert picture.alpha is not None
    return picture.alpha


def encode(*frames: NDArray[Any], **settings: Any) -> bytes:
    """Encode height x width x 3 or 4, RGB or RGBA, uint8: a still, or a sequence."""
    first, *others = map(Image.fromarray, frames)
    buffer = io.BytesIO()
    first.save(buffer, "AVIF", speed=10, save_all=True, append_images=others, **settings)
    return buffer.getvalue()


def take_item(content: bytes) -> Item:
    """Take what AV1 has coded out of a file that has one item, and its configuration."""
    configuration = content.index(b"av1C") + 4
    data = content[content.index(b"mdat") + 4 :]
    return Item(data, [("av1C", content[configuration : configuration + 4])])


def grid(cells: tuple[int, int], width: int, height: int) -> Item:
    """Make a grid of so many columns and rows."""
    columns, rows = cells
    data = GRID_HEADER.pack(0, 0, rows - 1, columns - 1, width, height)
    return Item(data, [size(width, height)], "grid")


def build(
    *items: Item,
    references: Sequence[tuple[str, int, Sequence[int]]] = (),
    primary: int = 1,
    brands: str = "avifmif1",
    further: bytes = b"",
) -> bytes:
    """Build a file of items, numbered from 1 on. ``references`` are kinds, from where, and to which."""
    head = box("ftyp", brands[:4].encode(), bytes(4), brands.encode())
    # One place for equal data.
    data = b"".join(dict.fromkeys(item.data for item in items))
    meta = build_meta(items, references, primary, data, 0)
    start = len(head) + len(meta) + 8
    meta = build_meta(items, references, primary, data, start)
    return head + meta + box("mdat", data) + further


def build_meta(
    items: Sequence[Item],
    references: Sequence[tuple[str, int, Sequence[int]]],
    primary: int,
    data: bytes,
    start: int,
) -> bytes:
    numbered = [*enumerate(items, 1)]
    kinds = [
        full_box("infe", struct.pack(">HH", number, 0), item.kind.encode(), b"\0", version=2)
        for number, item in numbered
    ]
    places = [
        struct.pack(">HHHII", number, 0, 1, start + data.index(item.data), len(item.data))
        for number, item in numbered
    ]
    pointers = [
        box(name, struct.pack(f">HH{len(targets)}H", number, len(targets), *targets))
        for name, number, targets in references
    ]
    return full_box(
        "meta",
        full_box("hdlr", bytes(4), b"pict", bytes(13)),
        full_box("pitm", struct.pack(">H", primary)),
        full_box("iinf", struct.pack(">H", len(items)), *kinds),
        full_box("iloc", b"\x44\0", struct.pack(">H", len(items)), *places),
        full_box("iref", *pointers),
        build_properties(items),
    )


def build_properties(items: Sequence[Item]) -> bytes:
    boxes, entries = [], []
    for number, item in enumerate(items, 1):
        entry = struct.pack(">HB", number, len(item.properties))
        for name, content in item.properties:
            boxes.append(box(name, content))
            entry += struct.pack(">H", (name in item.essential) << 15 | len(boxes))
        entries.append(entry)
    table = full_box("ipma", struct.pack(">I", len(items)), *entries, flags=1)
    return box("iprp", box("ipco", *boxes), table)


def build_movie(
    *, frames: int = 1, tracks: int = 1, sample_bytes: int = 0, properties: Sequence[Property] = ()
) -> bytes:
    """Build a sequence of tracks that are all of one sample, 20 x 12 pixels, of at least so many bytes."""
    head = box("ftyp", b"avis", bytes(4), b"avisavif")
    data = code(np.zeros((12, 20, 3), np.uint8)).data.ljust(sample_bytes, b"\0")
    entry = box("av01", bytes(78), *[box(name, content) for name, content in properties])
    tables = box(
        "stbl",
        full_box("stsd", struct.pack(">I", 1), entry),
        full_box("stco", struct.pack(">II", 1, len(head) + 8)),
        full_box("stsz", struct.pack(">II", len(data), frames)),
    )
    sides = struct.pack(">II", 20 << 16, 12 << 16)
    header = full_box("tkhd", bytes(8), struct.pack(">I", 1), bytes(60), sides)
    track = box("trak", header, box("mdia", box("minf", tables)))
    return head + box("mdat", data) + box("moov", track * tracks)


def split_units(coded: bytes) -> list[tuple[int, bytes]]:
    """Split what AV1 has coded into its units: their kinds, and what follows their headers."""
    units = []
    while coded:
        kind, length, place = coded[0] >> 3 & 15, 0, 1
        while True:
            length |= (coded[place] & 127) << 7 * (place - 1)
            place += 1
            if coded[place - 1] < 128:
                break
        units.append((kind, coded[place : place + length]))
        coded = coded[place + length :]
    return units


def join_units(units: Sequence[tuple[int, bytes]], *, layer: int = 0) -> bytes:
    """Write units, as those of a layer."""
    return b"".join(
        bytes([kind << 3 | 6, layer << 3]) + write_length(len(data)) + data for kind, data in units
    )


def write_length(length: int) -> bytes:
    written = b""
    while length > 127:
        written += bytes([length & 127 | 128])
        length >>= 7
    return written + bytes([length])


class Bits:
    """Writes numbers of so many bits."""

    def __init__(self) -> None:
        self._bits = ""

    def put(self, *numbers: tuple[int, int]) -> "Bits":
        """Put numbers, each with how many bits it takes."""
        self._bits += "".join(f"{number:0{bits}b}" for number, bits in numbers)
        return self

    def finish(self) -> bytes:
        padded = self._bits + "1"
        padded += "0" * (-len(padded) % 8)
        return int(padded, 2).to_bytes(len(padded) // 8)
