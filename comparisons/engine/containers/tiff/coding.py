"""How a TIFF's samples are compressed, and what of it is read."""

from dataclasses import dataclass

from comparisons.engine.errors import ImageCorrupt

from .chroma import Chroma, read_chroma
from .colors import Colors
from .directory import Directory
from .refusals import refuse_compression, refuse_samples
from .tags import (
    CCITT,
    JPEG,
    OLD_JPEG_TAGS,
    OTHER_COMPRESSIONS,
    PREDICTED,
    Compression,
    Photometric,
    Tag,
)

NO_PREDICTOR, HORIZONTAL = 1, 2
REVERSED = 2

JPEG_BITS, JPEG_SAMPLES = 8, {1, 3, 4}
MAX_JPEG_TABLES = 4
# Eight tables of codes and four of quantization take less than 4 KB.
MAX_TABLES_BYTES = 1 << 16


@dataclass(frozen=True)
class Coding:
    """``is_reversed``: the first bit of each byte is the lowest.

    ``has_differences``: a sample is stored less the one on its left. ``options`` are those of CCITT
    T.4; ``jpeg_parts``, by tag, those of old-style JPEG. ``chroma`` is that of YCbCr, but for JPEG,
    which tells it itself.
    """

    compression: Compression
    is_reversed: bool
    has_differences: bool
    options: int
    jpeg_tables: bytes
    jpeg_parts: dict[Tag, tuple[int, ...]]
    chroma: Chroma | None

    @property
    def knows_pixels(self) -> bool:
        """Tell whether pixels are compressed, not rows of bytes."""
        return self.compression in CCITT | JPEG


def read_compression(directory: Directory) -> Compression:
    """:raises ImageUnsupported: it's none of those that are read."""
    number = directory.read_number(Tag.COMPRESSION, Compression.NONE)
    try:
        return Compression(number)
    except ValueError as error:
        raise refuse_compression(OTHER_COMPRESSIONS.get(number, f"method {number}")) from error


def read_coding(
    directory: Directory, compression: Compression, colors: Colors, *, planes: int
) -> Coding:
    """
    :raises ImageCorrupt: it's not for such samples.
    :raises ImageUnsupported: it may be, but they aren't read.
    """
    samples = colors.samples // planes
    if compression in CCITT and (colors.bits, samples) != (1, 1):
        raise ImageCorrupt("the image is corrupt: CCITT compression is for samples of one bit")
    if compression in JPEG and colors.bits != JPEG_BITS:
        raise refuse_compression(f"{colors.bits}-bit JPEG")
    if compression in JPEG and samples not in JPEG_SAMPLES:
        raise refuse_compression(f"JPEG of {samples} samples per pixel")
    has_differences = compression in PREDICTED and read_predictor(directory) == HORIZONTAL
    chroma = None
    if colors.photometric == Photometric.YCBCR:
        if planes > 1:
            raise refuse_samples("YCbCr in separate planes")
        if (colors.bits, samples) != (8, 3) or has_differences:
            raise refuse_samples("this kind of YCbCr")
        if compression != Compression.JPEG:
            chroma = read_chroma(directory)
    tables = b""
    if compression == Compression.JPEG:
        if directory.count(Tag.JPEG_TABLES) > MAX_TABLES_BYTES:
            raise ImageCorrupt("the image is corrupt: its JPEG tables are too long")
        tables = directory.read_bytes(Tag.JPEG_TABLES)
    return Coding(
        compression,
        is_reversed=directory.read_number(Tag.FILL_ORDER, 1) == REVERSED,
        has_differences=has_differences,
        options=directory.read_number(Tag.T4_OPTIONS, 0),
        jpeg_tables=tables,
        jpeg_parts=read_jpeg_parts(directory) if compression == Compression.OLD_JPEG else {},
        chroma=chroma,
    )


def read_predictor(directory: Directory) -> int:
    predictor = directory.read_number(Tag.PREDICTOR, NO_PREDICTOR)
    if predictor not in {NO_PREDICTOR, HORIZONTAL}:
        raise refuse_compression(f"predictor {predictor}")
    return predictor


def read_jpeg_parts(directory: Directory) -> dict[Tag, tuple[int, ...]]:
    return {
        tag: directory.read_numbers(tag, MAX_JPEG_TABLES)
        for tag in OLD_JPEG_TAGS
        if tag in directory
    }
