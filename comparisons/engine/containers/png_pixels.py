"""Whether a PNG has all of its pixels, for decoders that show what is missing as black."""

import zlib
from math import ceil

from comparisons.engine.errors import ImageCorrupt, ImageTruncated

from .png import GRAY, GRAY_ALPHA, PALETTE, RGB, RGBA, PngContainer
from .png_chunks import PIXELS, find_chunks

CHANNELS = {GRAY: 1, RGB: 3, PALETTE: 1, GRAY_ALPHA: 2, RGBA: 4}
# Of each pass: the first column and row, and how far it is to the next ones.
# https://www.w3.org/TR/png-3/#8Interlace
PASS = [(0, 0, 1, 1)]
INTERLACED_PASSES = [
    *((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4)),
    *((0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)),
]
BYTES_AT_ONCE = 1_000_000


def check_pixels(container: PngContainer) -> None:
    """Check the checksums of the pixels, and that there are enough of them.

    :raises ImageCorrupt: a checksum is wrong, or they can't be inflated.
    :raises ImageTruncated: some are missing.
    """
    needed, inflater = count_bytes(container), zlib.decompressobj()
    for chunk in find_chunks(container.content):
        if chunk.name != PIXELS:
            continue
        if not chunk.is_intact:
            raise ImageCorrupt("the image is corrupt: the checksum of its pixels is wrong")
        data = chunk.data
        try:
            while data and needed > 0:
                needed -= len(inflater.decompress(data, BYTES_AT_ONCE))
                data = inflater.unconsumed_tail
        except zlib.error as error:
            raise ImageCorrupt("the image is corrupt: its pixels can't be inflated") from error
    if needed > 0:
        raise ImageTruncated("the image is truncated: its end is missing")


def count_bytes(container: PngContainer) -> int:
    """Count the bytes that all rows take, each behind the number of its filter."""
    bits = container.depth * CHANNELS[container.color_type]
    needed = 0
    for left, top, right, down in INTERLACED_PASSES if container.is_interlaced else PASS:
        width = ceil((container.coded_width - left) / right)
        height = ceil((container.coded_height - top) / down)
        if width > 0 and height > 0:
            needed += height * (1 + ceil(width * bits / 8))
    return needed
