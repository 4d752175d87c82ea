"""Where a TIFF's samples are: in strips of rows, or in tiles."""

from dataclasses import dataclass
from itertools import pairwise
from math import ceil

from comparisons.engine.errors import ImageCorrupt, ImageUnsupported

from .directory import Directory
from .tags import Tag

# A row each, of a large picture in three planes. Decoders start again for each.
MAX_STRIPS = 100_000
# By which a tile may be larger than its picture: honest ones are, where pictures are small.
MAX_SPARE_SAMPLES = 2048 * 2048
BYTES_PER_SAMPLE = 2


@dataclass(frozen=True)
class Segments:
    """Strips or tiles, of which ``columns`` are side by side. Those of each plane follow one another.

    ``width`` and ``height`` are those of one, in pixels. Of the last strips, some rows are missing.
    """

    width: int
    height: int
    columns: int
    rows: int
    is_tiled: bool
    offsets: tuple[int, ...]
    sizes_bytes: tuple[int, ...]

    def find_plane(self, plane: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Find the offsets and sizes of a plane's segments.

        :raises ImageCorrupt: some are missing.
        """
        count = self.columns * self.rows
        part = slice(plane * count, (plane + 1) * count)
        if len(self.offsets[part]) < count:
            raise ImageCorrupt("the image is corrupt: it has too few strips or tiles")
        return self.offsets[part], self.sizes_bytes[part]


def read_segments(
    directory: Directory, width: int, height: int, *, samples: int, planes: int
) -> Segments:
    """Read where the segments of a picture of these sides are.

    :raises ImageTruncated: the list goes beyond the end of the file.
    :raises ImageCorrupt: there are more than the picture has room for.
    :raises ImageUnsupported: there are too many to read, or far too large ones.
    """
    is_tiled = Tag.TILE_WIDTH in directory or Tag.TILE_LENGTH in directory
    if is_tiled:
        # libtiff takes the picture's side for one that is missing.
        segment_width = directory.read_number(Tag.TILE_WIDTH, width)
        segment_height = directory.read_number(Tag.TILE_LENGTH, height)
    else:
        segment_width = width
        segment_height = min(directory.read_number(Tag.ROWS_PER_STRIP, height), height)
    if (segment_width * segment_height - width * height) * samples > MAX_SPARE_SAMPLES:
        raise ImageUnsupported("the image's tiles are far larger than the image")
    if not segment_width * segment_height:
        raise ImageCorrupt("the image is corrupt: its strips or tiles have no size")
    columns, rows = ceil(width / segment_width), ceil(height / segment_height)
    offsets, sizes = read_places(directory, columns * rows, samples=samples, planes=planes)
    return Segments(segment_width, segment_height, columns, rows, is_tiled, offsets, sizes)


def read_places(
    directory: Directory, per_plane: int, *, samples: int, planes: int
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Read where segments begin, and how many bytes they have."""
    has_tiles = Tag.TILE_OFFSETS in directory
    offsets_tag = Tag.TILE_OFFSETS if has_tiles else Tag.STRIP_OFFSETS
    sizes_tag = Tag.TILE_BYTE_COUNTS if has_tiles else Tag.STRIP_BYTE_COUNTS
    count = directory.count(offsets_tag)
    if count > MAX_STRIPS:
        raise ImageUnsupported(f"the image has more than {MAX_STRIPS} strips or tiles")
    if count > per_plane * samples:
        raise ImageCorrupt("the image is corrupt: it has more strips or tiles than rows for them")
    offsets = directory.read_numbers(offsets_tag, per_plane * planes)
    sizes = directory.read_numbers(sizes_tag, len(offsets))
    if len(sizes) < len(offsets):
        sizes = estimate_sizes(offsets, directory.file_bytes)
    if 0 in offsets:
        raise ImageUnsupported(
            "TIFF with empty strips or tiles is not supported; export it with all pixels stored"
        )
    return offsets, sizes


def estimate_sizes(offsets: tuple[int, ...], file_bytes: int) -> tuple[int, ...]:
    """Take it that each segment ends where another begins, or with the file."""
    places = sorted({*offsets, file_bytes})
    sizes = {start: end - start for start, end in pairwise(places)}
    return tuple(sizes.get(offset, 0) for offset in offsets)


def check_overlap(segments: Segments, file_bytes: int, samples: int) -> None:
    """Let segments be in the same place where that saves bytes, as empty tiles are.

    :raises ImageCorrupt: they have far more bytes than the file, or so many samples.
    """
    bytes_there = sum(
        min(size, max(0, file_bytes - offset))
        for offset, size in zip(segments.offsets, segments.sizes_bytes, strict=True)
    )
    if bytes_there > 2 * (file_bytes + samples * BYTES_PER_SAMPLE):
        raise ImageCorrupt("the image is corrupt: its strips or tiles overlap")
