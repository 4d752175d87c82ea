"""From a TIFF's strips or tiles to samples, band by band."""

from collections.abc import Callable
from math import ceil

import numpy as np

from comparisons.engine.bands import crop_rows
from comparisons.engine.containers.tiff import TiffContainer
from comparisons.engine.containers.tiff.chroma import Chroma
from comparisons.engine.containers.tiff.tags import Compression
from comparisons.engine.errors import ImageTruncated

from .chroma import convert_to_rgb, spread_blocks
from .libtiff import open_bytes, open_pixels
from .samples import Bytes, Samples, add_differences, unpack_samples

# Reads some rows: height x width x samples.
ReadRows = Callable[[slice], Samples]
# Reads some rows of all tiles side by side: height x tiles x bytes.
ReadBytes = Callable[[slice], Bytes]

REVERSED_BITS = np.packbits(
    np.unpackbits(np.arange(256, dtype=np.uint8)[:, np.newaxis], axis=1, bitorder="little"), axis=1
).ravel()


def open_planes(container: TiffContainer) -> ReadRows:
    """Decompress all planes that count; what reads rows gives the samples that do, alpha last.

    Raises what ``open_plane`` does.
    """
    channels = container.colors.channels
    if container.planes > 1:
        planes = [open_plane(container, channel) for channel in channels]
        return lambda rows: np.concatenate([read_rows(rows) for read_rows in planes], axis=2)
    read_all = open_plane(container, 0)
    if len(channels) == container.colors.samples:
        return read_all
    return lambda rows: read_all(rows)[..., channels]


def open_plane(container: TiffContainer, plane: int) -> ReadRows:
    """Decompress a plane, of one sample of each pixel or of all.

    :raises ImageTruncated: some of it is beyond the end of the file.
    :raises ImageCorrupt: it can't be decompressed.
    """
    if container.coding.knows_pixels:
        image = open_pixels(container, plane)
        return lambda rows: np.atleast_3d(np.asarray(crop_rows(image, rows), np.uint8))
    if container.coding.chroma:
        return open_blocks(container, container.coding.chroma)
    return open_samples(container, plane)


def open_samples(container: TiffContainer, plane: int) -> ReadRows:
    bits, samples = container.colors.bits, container.samples_of_plane
    segments = container.segments
    count = segments.width * samples
    read_bytes = open_rows(
        container, plane, container.height, segments.height, ceil(count * bits / 8)
    )

    def read_rows(rows: slice) -> Samples:
        unpacked = unpack_samples(
            read_bytes(rows), count, bits, is_little_endian=container.is_little_endian
        ).reshape(-1, segments.columns, segments.width, samples)
        if container.coding.has_differences:
            unpacked = add_differences(unpacked, bits)
        return unpacked.reshape(len(unpacked), -1, samples)[:, : container.width]

    return read_rows


def open_blocks(container: TiffContainer, chroma: Chroma) -> ReadRows:
    """Open YCbCr, whose rows are of blocks; it is read as RGB."""
    segments = container.segments
    columns = ceil(segments.width / chroma.columns)
    height, segment_height = (
        ceil(side / chroma.rows) for side in (container.height, segments.height)
    )
    read_bytes = open_rows(container, 0, height, segment_height, columns * chroma.block_bytes)

    def read_rows(rows: slice) -> Samples:
        first = rows.start // chroma.rows
        blocks = read_bytes(slice(first, ceil(rows.stop / chroma.rows)))
        pixels = spread_blocks(
            blocks.reshape(len(blocks), segments.columns, columns, chroma.block_bytes), chroma
        )[:, :, : segments.width]
        top = rows.start - first * chroma.rows
        pixels = pixels.reshape(len(pixels), -1, 3)[top : top + rows.stop - rows.start]
        return convert_to_rgb(pixels[:, : container.width], chroma)

    return read_rows


def open_rows(
    container: TiffContainer, plane: int, height: int, segment_height: int, row_bytes: int
) -> ReadBytes:
    """Decompress rows of bytes; ``row_bytes`` are those of a row of one segment."""
    segments = container.segments
    if segments.is_tiled:
        height = segments.rows * segment_height
    if container.coding.compression == Compression.NONE:
        return join_segments(container, plane, height, segment_height, row_bytes).__getitem__
    size, segment_size = (segments.columns * row_bytes, height), (row_bytes, segment_height)
    image = open_bytes(container, plane, size, segment_size)
    return lambda rows: np.asarray(crop_rows(image, rows)).reshape(-1, segments.columns, row_bytes)


def join_segments(
    container: TiffContainer, plane: int, height: int, segment_height: int, row_bytes: int
) -> Bytes:
    """Put segments that aren't compressed together: height x segments side by side x bytes."""
    columns = container.segments.columns
    joined = np.empty((height, columns, row_bytes), np.uint8)
    offsets, _ = container.segments.find_plane(plane)
    for index, offset in enumerate(offsets):
        top = index // columns * segment_height
        rows = joined[top : top + segment_height, index % columns]
        stored = container.content[offset : offset + rows.size]
        if len(stored) < rows.size:
            raise ImageTruncated("the image is truncated: its end is missing")
        rows[:] = np.frombuffer(stored, np.uint8).reshape(rows.shape)
    return REVERSED_BITS[joined] if container.coding.is_reversed else joined
