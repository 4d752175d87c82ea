"""Groups of pixels that lie close together, found block by block.

Two pixels are close if fewer than seven others lie between them, across as well as down. All pixels of
a block of 8 x 8 are, and whether those of two neighbouring blocks are shows in the bits of their rows.
So the work depends on the number of blocks with a pixel in them, whatever the shapes of the groups.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SIDE = 8

# Of the bits of each byte, the highest being the first: the positions of the first and of the last.
BITS = np.unpackbits(np.arange(256, dtype=np.uint8)[:, np.newaxis], axis=1)
FIRST = BITS.argmax(axis=1)
LAST = SIDE - 1 - BITS[:, ::-1].argmax(axis=1)
# The lowest byte with a bit that comes before this byte's last one; out of reach for the empty byte.
LOWEST_BEFORE = np.where(BITS.any(axis=1), 1 << (SIDE - LAST), 256).astype(np.uint16)

Bytes = NDArray[np.uint8]
Numbers = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Blocks:
    """The blocks of a mask with a pixel in them, from top to bottom and from left to right.

    ``ys`` and ``xs`` count in blocks. ``bits`` are the blocks' rows (n x 8), a byte each; ``columns``
    and ``rows`` tell which of a block's columns and rows have a pixel.
    """

    ys: Numbers
    xs: Numbers
    bits: Bytes
    columns: Bytes
    rows: Bytes


def cut_blocks(mask: NDArray[np.bool_]) -> Blocks:
    bits = np.packbits(mask, axis=1)
    bits = np.pad(bits, ((0, -len(bits) % SIDE), (0, 0))).reshape(-1, SIDE, bits.shape[1])
    columns = np.bitwise_or.reduce(bits, axis=1)
    ys, xs = np.nonzero(columns > 0)
    bits = bits[ys, :, xs]
    return Blocks(ys, xs, bits, columns[ys, xs], np.packbits(bits > 0, axis=1)[:, 0])


def measure_groups(blocks: Blocks) -> NDArray[np.int64]:
    """Group the blocks: left, top, width, height and pixel count of the groups, a row each."""
    owners = join_blocks(blocks)
    is_owner = owners == np.arange(owners.size)
    groups = (np.cumsum(is_owner) - 1)[owners]
    figures = np.zeros((5, np.count_nonzero(is_owner)), np.int64)
    left, top, right, bottom, pixels = figures
    left[:] = top[:] = np.iinfo(np.int64).max
    np.minimum.at(left, groups, SIDE * blocks.xs + FIRST[blocks.columns])
    np.minimum.at(top, groups, SIDE * blocks.ys + FIRST[blocks.rows])
    np.maximum.at(right, groups, SIDE * blocks.xs + LAST[blocks.columns] + 1)
    np.maximum.at(bottom, groups, SIDE * blocks.ys + LAST[blocks.rows] + 1)
    counts = np.bitwise_count(blocks.bits.view(np.uint64)[:, 0])
    np.add.at(pixels, groups, counts.astype(np.int64))
    right -= left
    bottom -= top
    return figures


def join_blocks(blocks: Blocks) -> Numbers:
    """Tell for each block the first of its group, as numbers of blocks."""
    stride = int(blocks.xs.max(initial=0)) + 2
    places = blocks.ys * stride + blocks.xs
    grid = np.full(int(places.max(initial=0)) + stride + 2, -1)
    grid[places] = np.arange(places.size)
    owners = join_across(blocks, places)
    for down, right, are_close in DIRECTIONS:
        others = grid[places + down * stride + right]
        # Mostly, neighbours at the corners are of one group already.
        ones = np.flatnonzero((others >= 0) & (owners[others] != owners))
        others = others[ones]
        close = are_close(blocks, ones, others)
        owners = join_owners(owners, ones[close], others[close])
    return owners


def join_across(blocks: Blocks, places: Numbers) -> Numbers:
    """Join those to the left and to the right of each other: they come one after the other."""
    left = np.flatnonzero(np.diff(places) == 1)
    close = left[are_close_across(blocks, left, left + 1)]
    beginnings = np.arange(places.size)
    beginnings[close + 1] = 0
    return np.asarray(np.maximum.accumulate(beginnings))


def is_before(bits: Bytes, other_bits: Bytes) -> NDArray[np.bool_]:
    """Tell of which bytes the first bit comes before the last of the other."""
    return np.asarray(bits >= LOWEST_BEFORE[other_bits])


# Two pixels are close if the one of the block further right is further left in its block than the other
# is in its own; and likewise with up and down.


def are_close_across(blocks: Blocks, left: Numbers, right: Numbers) -> NDArray[np.bool_]:
    return is_before(blocks.columns[right], blocks.columns[left])


def are_close_down(blocks: Blocks, upper: Numbers, lower: Numbers) -> NDArray[np.bool_]:
    return is_before(blocks.rows[lower], blocks.rows[upper])


def are_close_to_the_right(blocks: Blocks, upper: Numbers, lower: Numbers) -> NDArray[np.bool_]:
    above = np.bitwise_or.accumulate(blocks.bits[lower, :-1], axis=1)
    return np.asarray(is_before(above, blocks.bits[upper, 1:]).any(axis=1))


def are_close_to_the_left(blocks: Blocks, upper: Numbers, lower: Numbers) -> NDArray[np.bool_]:
    above = np.bitwise_or.accumulate(blocks.bits[lower, :-1], axis=1)
    return np.asarray(is_before(blocks.bits[upper, 1:], above).any(axis=1))


# Of each block and its neighbours below, so many rows further down and columns further right.
DIRECTIONS: list[tuple[int, int, Callable[[Blocks, Numbers, Numbers], NDArray[np.bool_]]]] = [
    (1, 0, are_close_down),
    (1, 1, are_close_to_the_right),
    (1, -1, are_close_to_the_left),
]


def join_owners(owners: Numbers, ones: Numbers, others: Numbers) -> Numbers:
    """Give one owner, the lowest, to all that are paired or share an owner with one that is."""
    pairs = np.stack([ones, others])
    while pairs.size:
        lower, higher = pairs = np.sort(owners[pairs], axis=0)
        np.minimum.at(owners, higher, lower)
        while not np.array_equal(owners, farther := owners[owners]):
            owners = farther
        pairs = pairs[:, owners[lower] != owners[higher]]
    return owners
