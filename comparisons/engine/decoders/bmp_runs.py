"""BMP whose pixels are in runs: https://learn.microsoft.com/windows/win32/gdi/bitmap-compression.

These are codes of one or more pairs of bytes: a colour and how often, pixels one by one, or a move. Where a
code begins follows from those before it; the rest is done by numpy, many codes at a time. No code goes
back, so no pixel is drawn twice. Pixels that are left out are transparent.
"""

from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from comparisons.engine.color import ColorModel, Raster
from comparisons.engine.containers import Container
from comparisons.engine.containers.bmp import BmpContainer
from comparisons.engine.errors import ImageCorrupt, ImageTruncated

from . import bmp
from .errors import DecoderRefused

Bytes = NDArray[np.uint8]
Numbers = NDArray[np.intp]
Flags = NDArray[np.bool_]
# Four bytes each, RGBA.
Colors = NDArray[np.uint32]

PAIR_BYTES = 2
# What a number means behind a run of no pixels; from 3 on, it is how many pixels follow one by one.
END_OF_ROW, END, MOVE = 0, 1, 2
OPAQUE = 0xFF000000

# A code draws up to 255 pixels, each of which takes up to 50 bytes meanwhile.
PAIRS_AT_ONCE = 4096

# Behind those that the pixels need.
SPARE_BYTES = 4096


def read_raster(container: Container) -> Raster:
    """Read the codes until they end, or the picture is full.

    :raises DecoderRefused: it is no BMP.
    :raises ImageTruncated: the file ends before they do.
    :raises ImageCorrupt: there are more codes than pixels.
    """
    if not isinstance(container, BmpContainer):
        raise DecoderRefused("it is no BMP")
    if not container.has_runs:
        return bmp.read_raster(container)
    stored = np.frombuffer(container.content, np.uint8)[container.pixels_at :]
    most = container.height * count_row_bytes(container) + SPARE_BYTES
    canvas = Canvas(container)
    canvas.draw(stored[: min(most, stored.size) // PAIR_BYTES * PAIR_BYTES])
    if not canvas.is_complete and stored.size > most:
        raise ImageCorrupt("the image is corrupt: it has more runs than pixels")
    if not canvas.is_complete:
        raise ImageTruncated("the image is truncated: its end is missing")
    pixels = canvas.colors.view(np.uint8).reshape(container.height, container.width, 4)
    if container.is_bottom_up:
        cv2.flip(pixels, 0, pixels)
    return Raster(pixels, ColorModel.RGB)


def count_row_bytes(container: BmpContainer) -> int:
    """Count the bytes of a row whose runs are of one pixel each, with its end."""
    return (container.width * count_run_pairs(container.depth) + 2) * PAIR_BYTES


def count_run_pairs(depth: int) -> int:
    """A run is its length, and the colour."""
    return 2 if depth == 24 else 1


def find_codes(pairs: Bytes, depth: int) -> tuple[Numbers, int]:
    """Find the pairs where codes begin, and where the next code does, behind these pairs."""
    counts, numbers = pairs.astype(np.intp).T
    of_pixels = np.where(numbers > MOVE, (numbers * depth + 15) // 16, numbers == MOVE)
    sizes = np.where(counts, count_run_pairs(depth), 1 + of_pixels).tolist()
    codes, position = [], 0
    while position < len(sizes):
        codes.append(position)
        position += sizes[position]
    return np.array(codes), position


class Canvas:
    """Colours, height x width, in the order of the file, and where the next pixel goes."""

    def __init__(self, container: BmpContainer) -> None:
        self.colors = np.zeros((container.height, container.width), np.uint32)
        self._palette = np.frombuffer(container.palette, np.uint32)
        self._depth = container.depth
        self._column = self._row = 0
        self._has_ended = False

    @property
    def is_complete(self) -> bool:
        height, width = self.colors.shape
        is_last_row_full = self._row == height - 1 and self._column >= width
        return self._has_ended or self._row >= height or is_last_row_full

    def draw(self, stored: Bytes) -> None:
        """Draw as many codes as there are, or as the picture has room for."""
        start, pairs = 0, stored.reshape(-1, 2)
        while start < len(pairs) and not self._has_ended and self._row < len(self.colors):
            codes, end = find_codes(pairs[start : start + PAIRS_AT_ONCE], self._depth)
            is_cut_off = start + end > len(pairs)
            self._draw_codes(stored, start + codes[: len(codes) - is_cut_off])
            start += end

    def _draw_codes(self, stored: Bytes, codes: Numbers) -> None:
        pairs = stored.reshape(-1, 2)
        counts, numbers = pairs[codes].astype(np.intp).T
        ends = np.flatnonzero((counts == 0) & (numbers == END))
        if ends.size:
            self._has_ended = True
            codes, counts, numbers = (of_codes[: ends[0]] for of_codes in (codes, counts, numbers))
        if not codes.size:
            return
        is_run = counts > 0
        lengths = np.where(is_run, counts, np.where(numbers > MOVE, numbers, 0))
        is_row_end = ~is_run & (numbers == END_OF_ROW)
        across, down = lengths.copy(), is_row_end.astype(np.intp)
        is_move = ~is_run & (numbers == MOVE)
        across[is_move], down[is_move] = pairs[codes[is_move] + 1].T
        columns, rows = self._advance(across, down, is_row_end)
        height, width = self.colors.shape
        lengths = np.where(rows < height, np.clip(width - columns, 0, lengths), 0)
        drawn = np.flatnonzero(lengths)
        if not drawn.size:
            return
        colors = self._read_pixels(stored, codes[drawn], is_run[drawn], lengths[drawn])
        self._put((rows * width + columns)[drawn], lengths[drawn], colors)

    def _advance(
        self, across: Numbers, down: Numbers, is_row_end: Flags
    ) -> tuple[Numbers, Numbers]:
        """Find the columns and rows in which the codes begin, and go behind the last one."""
        passed = self._column + np.cumsum(across) - across
        columns = passed - np.maximum.accumulate(np.where(is_row_end, passed, 0))
        rows = self._row + np.cumsum(down) - down
        self._column, self._row = int(columns[-1] + across[-1]), int(rows[-1] + down[-1])
        return columns, rows

    def _read_pixels(
        self, stored: Bytes, codes: Numbers, is_run: Flags, lengths: Numbers
    ) -> Colors:
        """Read as many pixels of each code as its length, one code behind the other."""
        begins = codes * PAIR_BYTES + np.where(is_run, 1, PAIR_BYTES)
        colors = np.repeat(self._read_colors(stored, begins, np.zeros_like(begins)), lengths)
        # A run of 4 bits alternates between two colours.
        varied = np.flatnonzero(~is_run | (self._depth == 4))
        counts = lengths[varied]
        within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        places = np.repeat((np.cumsum(lengths) - lengths)[varied], counts) + within
        steps = np.where(np.repeat(is_run[varied], counts), within & 1, within)
        colors[places] = self._read_colors(stored, np.repeat(begins[varied], counts), steps)
        return colors

    def _read_colors(self, stored: Bytes, begins: Numbers, steps: Numbers) -> Colors:
        """Read the pixels that are so many steps behind these bytes."""
        match self._depth:
            case 24:
                blue, green, red = (stored[begins + 3 * steps + channel] for channel in range(3))
                colors = red | green.astype(np.uint32) << 8 | blue.astype(np.uint32) << 16 | OPAQUE
            case 4:
                pairs = stored[begins + (steps >> 1)]
                colors = self._palette[np.where(steps & 1, pairs & 15, pairs >> 4)]
            case _:
                colors = self._palette[stored[begins + steps]]
        return np.asarray(colors, np.uint32)

    def _put(self, places: Numbers, lengths: Numbers, colors: Colors) -> None:
        """Put the colours there, all at once that stand side by side."""
        gaps = np.flatnonzero(places[1:] != places[:-1] + lengths[:-1]) + 1
        starts = np.concatenate([[0], np.cumsum(lengths)])
        bounds = [0, *starts[gaps].tolist(), len(colors)]
        flat = self.colors.reshape(-1)
        for place, (start, end) in zip(places[[0, *gaps]].tolist(), pairwise(bounds), strict=True):
            flat[place : place + end - start] = colors[start:end]
