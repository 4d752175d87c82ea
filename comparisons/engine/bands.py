from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

# Bands are too small to gain from more, and where several comparisons go on at once, OpenCV's threads
# keep cores busy with waiting.
cv2.setNumThreads(1)

# A band's temporaries fit a processor's second-level cache; much smaller, and calls cost more than work.
BAND_PIXELS, PIECE_SIDE = 1 << 17, 1 << 10
TILE_PIXELS, TILE_SIDE = 1 << 16, 256

Numbers = NDArray[np.intp]
# Rows and columns.
Tile = tuple[slice, slice]


def split_rows(height: int, width: int) -> Iterator[slice]:
    """Cut a picture into bands of whole rows, so that temporary arrays stay small."""
    rows = max(1, BAND_PIXELS // width)
    for top in range(0, height, rows):
        yield slice(top, min(top + rows, height))


def cut_pixels(*arrays: NDArray[Any]) -> Iterator[tuple[NDArray[Any], ...]]:
    """Cut arrays, height x width x channels, alike into pieces that are views of them.

    For work on each pixel alone: a piece has no side longer than 1024, whatever the picture's sides.
    """
    pixels = [array.reshape(-1, array.shape[2]) for array in arrays]
    count = len(pixels[0])
    whole = count - count % PIECE_SIDE
    for start in range(0, whole, BAND_PIXELS):
        stop = min(start + BAND_PIXELS, whole)
        yield tuple(flat[start:stop].reshape(-1, PIECE_SIDE, flat.shape[1]) for flat in pixels)
    if whole < count:
        yield tuple(flat[np.newaxis, whole:] for flat in pixels)


def split_tiles(height: int, width: int) -> Iterator[Tile]:
    """Cut a picture into tiles of rows and columns, for work that needs many temporary arrays."""
    columns = min(width, max(TILE_SIDE, TILE_PIXELS // height))
    rows = max(1, TILE_PIXELS // columns)
    for top in range(0, height, rows):
        for left in range(0, width, columns):
            yield (
                slice(top, min(top + rows, height)),
                slice(left, min(left + columns, width)),
            )


def split_numbers(numbers: Numbers, at_once: int) -> Iterator[Numbers]:
    for start in range(0, numbers.size, at_once):
        yield numbers[start : start + at_once]


def widen(part: slice, margin: int, length: int) -> slice:
    """Take some more of the rows or columns on both sides, as far as there are any."""
    return slice(max(0, part.start - margin), min(part.stop + margin, length))


def shift(part: slice, by: int) -> slice:
    return slice(part.start + by, part.stop + by)


def crop_rows(image: Image.Image, rows: slice) -> Image.Image:
    return image.crop((0, rows.start, image.width, rows.stop))
