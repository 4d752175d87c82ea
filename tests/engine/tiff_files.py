"""TIFFs of every kind, made in code: https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf."""

import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

BYTE, ASCII, SHORT, LONG, RATIONAL, UNDEFINED, LONG8 = 1, 2, 3, 4, 5, 7, 16
STRUCTS = {BYTE: "B", ASCII: "B", SHORT: "H", LONG: "I", RATIONAL: "I", UNDEFINED: "B", LONG8: "Q"}

NONE, LZW, DEFLATE, PACK_BITS = 1, 5, 8, 32773
WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE, SEPARATED, YCBCR = 0, 1, 2, 3, 5, 6

EXTRA_SAMPLES, SAMPLE_FORMAT, COLOR_MAP = 338, 339, 320
UNSPECIFIED, ASSOCIATED, UNASSOCIATED = 0, 1, 2

Samples = NDArray[np.int_]
# Type and values, by tag.
Tags = Mapping[int, tuple[int, Sequence[int]]]


@dataclass(frozen=True)
class Layout:
    """How samples are stored, whatever they are. ``tile`` has a width and a height."""

    order: str = "<"
    is_big: bool = False
    begins_with_directory: bool = False
    is_planar: bool = False
    is_reversed: bool = False
    has_differences: bool = False
    compression: int = NONE
    rows_per_strip: int = 5
    tile: tuple[int, int] | None = None


PLAIN = Layout()


def encode_tiff(
    samples: NDArray[Any],
    *,
    bits: int,
    photometric: int,
    layout: Layout = PLAIN,
    tags: Tags | None = None,
) -> bytes:
    """Encode height x width x samples, whole numbers of so many bits."""
    height, width, count = samples.shape
    planes = np.split(samples, count, axis=2) if layout.is_planar else [samples]
    segments = [
        encode_segment(segment, bits, layout)
        for plane in planes
        for segment in split_segments(plane, layout)
    ]
    entries: dict[int, tuple[int, Sequence[int]]] = {
        256: (LONG, [width]),
        257: (LONG, [height]),
        258: (SHORT, [bits] * count),
        259: (SHORT, [layout.compression]),
        262: (SHORT, [photometric]),
        266: (SHORT, [2 if layout.is_reversed else 1]),
        277: (SHORT, [count]),
        284: (SHORT, [2 if layout.is_planar else 1]),
        317: (SHORT, [2 if layout.has_differences else 1]),
    }
    if layout.tile:
        entries |= {322: (SHORT, layout.tile[:1]), 323: (SHORT, layout.tile[1:])}
    else:
        entries[278] = (SHORT, [layout.rows_per_strip])
    return join_file(segments, {**entries, **(tags or {})}, layout)


def split_segments(plane: NDArray[Any], layout: Layout) -> Iterator[NDArray[Any]]:
    """Cut a plane into strips, or into tiles, the last of which are completed."""
    height, width, _ = plane.shape
    if not layout.tile:
        for top in range(0, height, layout.rows_per_strip):
            yield plane[top : top + layout.rows_per_strip]
        return
    across, down = layout.tile
    padded = np.pad(plane, ((0, -height % down), (0, -width % across), (0, 0)), mode="edge")
    for top in range(0, height, down):
        for left in range(0, width, across):
            yield padded[top : top + down, left : left + across]


def encode_segment(samples: NDArray[Any], bits: int, layout: Layout) -> bytes:
    if layout.has_differences:
        before = np.pad(samples[:, :-1], ((0, 0), (1, 0), (0, 0)))
        samples = (samples.astype(int) - before) % (1 << bits)
    packed = b"".join(pack_row(row.ravel(), bits, layout.order) for row in samples)
    compressed = COMPRESSIONS[layout.compression](packed, len(packed) // len(samples))
    return reverse_bits(compressed) if layout.is_reversed else compressed


def pack_row(samples: NDArray[Any], bits: int, order: str) -> bytes:
    """Pack samples one after the other, the highest bit first; 16 bits as the file's byte order is."""
    if bits == 16:
        return samples.astype(f"{order}u2").tobytes()
    digits = (samples.astype(int)[:, np.newaxis] >> np.arange(bits)[::-1]) & 1
    return np.packbits(digits.astype(np.uint8)).tobytes()


def reverse_bits(content: bytes) -> bytes:
    return bytes(int(f"{byte:08b}"[::-1], 2) for byte in content)


def compress_lzw(content: bytes, _: int) -> bytes:
    """Begin a new table before codes get longer than 9 bits: no table is ever used."""
    clear, end = 256, 257
    codes: list[int] = []
    for start in range(0, len(content), 200):
        codes += [clear, *content[start : start + 200]]
    digits = "".join(f"{code:09b}" for code in [*codes, end])
    return int(digits.ljust(-(-len(digits) // 8) * 8, "0"), 2).to_bytes(-(-len(digits) // 8))


def compress_pack_bits(content: bytes, row_bytes: int) -> bytes:
    """Store all bytes as they are, in runs that end with their row."""
    rows = (content[at : at + row_bytes] for at in range(0, len(content), row_bytes))
    runs = (row[at : at + 128] for row in rows for at in range(0, row_bytes, 128))
    return b"".join(bytes([len(run) - 1]) + run for run in runs)


COMPRESSIONS = {
    NONE: lambda content, _: content,
    LZW: compress_lzw,
    DEFLATE: lambda content, _: zlib.compress(content),
    PACK_BITS: compress_pack_bits,
}


def join_file(segments: Sequence[bytes], tags: Tags, layout: Layout = PLAIN) -> bytes:
    """Put segments and the directory that they are added to into a file."""
    content = b"".join(segments)
    content += bytes(len(content) % 2)
    header_bytes = 16 if layout.is_big else 8
    directory_bytes = len(encode_directory(add_places(segments, tags, 0, layout), 0, layout))
    if layout.begins_with_directory:
        entries = add_places(segments, tags, header_bytes + directory_bytes, layout)
        directory = encode_directory(entries, header_bytes, layout)
        return encode_header(header_bytes, layout) + directory + content
    entries = add_places(segments, tags, header_bytes, layout)
    start = header_bytes + len(content)
    return encode_header(start, layout) + content + encode_directory(entries, start, layout)


def add_places(segments: Sequence[bytes], tags: Tags, start: int, layout: Layout) -> Tags:
    """Add where segments are that lie one behind the other from ``start`` on."""
    offsets = [start + sum(map(len, segments[:index])) for index in range(len(segments))]
    places, sizes = (324, 325) if layout.tile else (273, 279)
    kind = LONG8 if layout.is_big else LONG
    added = {places: (kind, offsets), sizes: (kind, [len(segment) for segment in segments])}
    return {**added, **tags}


def encode_header(start: int, layout: Layout) -> bytes:
    signature = b"II" if layout.order == "<" else b"MM"
    if layout.is_big:
        return signature + struct.pack(f"{layout.order}HHHQ", 43, 8, 0, start)
    return signature + struct.pack(f"{layout.order}HI", 42, start)


def encode_directory(tags: Tags, start: int, layout: Layout = PLAIN, following: int = 0) -> bytes:
    """Encode a directory for this place, and behind it the values that it has no room for."""
    count, entry, pointer = ("Q", "HHQ", "Q") if layout.is_big else ("H", "HHI", "I")
    pointer_bytes = struct.calcsize(pointer)
    entry_bytes = 4 + 2 * pointer_bytes
    behind_at = start + struct.calcsize(count) + entry_bytes * len(tags) + pointer_bytes
    entries, behind = b"", b""
    for tag, (kind, values) in sorted(tags.items()):
        packed = struct.pack(f"{layout.order}{len(values)}{STRUCTS[kind]}", *values)
        number = len(values) // 2 if kind == RATIONAL else len(values)
        entries += struct.pack(f"{layout.order}{entry}", tag, kind, number)
        if len(packed) > pointer_bytes:
            entries += struct.pack(f"{layout.order}{pointer}", behind_at + len(behind))
            behind += packed + bytes(len(packed) % 2)
        else:
            entries += packed.ljust(pointer_bytes, b"\0")
    head = struct.pack(f"{layout.order}{count}", len(tags))
    return head + entries + struct.pack(f"{layout.order}{pointer}", following) + behind


WIDTH, HEIGHT = 21, 13

LAYOUTS = {
    "strips": PLAIN,
    "one strip": Layout(rows_per_strip=HEIGHT),
    "big-endian": Layout(order=">"),
    "tiles": Layout(tile=(16, 16)),
    "a tile larger than the picture": Layout(tile=(32, 16)),
    "planes": Layout(is_planar=True),
    "planes of tiles": Layout(is_planar=True, tile=(16, 16)),
    "bits reversed": Layout(is_reversed=True),
    "LZW": Layout(compression=LZW),
    "LZW, bits reversed": Layout(compression=LZW, is_reversed=True),
    "LZW of differences": Layout(compression=LZW, has_differences=True),
    "deflate": Layout(compression=DEFLATE),
    "deflate of differences, big-endian": Layout(
        compression=DEFLATE, has_differences=True, order=">"
    ),
    "deflate of differences in tiles": Layout(
        compression=DEFLATE, has_differences=True, tile=(16, 16)
    ),
    "deflate of differences in planes": Layout(
        compression=DEFLATE, has_differences=True, is_planar=True
    ),
    "PackBits": Layout(compression=PACK_BITS),
    "PackBits, planes of tiles": Layout(compression=PACK_BITS, is_planar=True, tile=(16, 16)),
    "BigTIFF": Layout(is_big=True),
    "BigTIFF, big-endian": Layout(is_big=True, order=">", compression=DEFLATE, tile=(16, 16)),
}


def make_samples(bits: int, channels: int) -> Samples:
    """Make random samples, the lowest and the highest among them."""
    samples = np.random.default_rng(bits).integers(0, 1 << bits, (HEIGHT, WIDTH, channels))
    samples[0, 0], samples[-1, -1] = 0, (1 << bits) - 1
    return samples
