"""From packed rows to samples."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
# uint8 or uint16.
Samples = NDArray[Any]

# Of whatever length up to 16 bits, and wherever it begins, a sample is in three bytes.
WINDOW_BYTES = 3
# Of a row, at once: eight begin with a byte, and so do these.
PART_SAMPLES = 1 << 15


def unpack_samples(rows: Bytes, count: int, bits: int, *, is_little_endian: bool) -> Samples:
    """Unpack ``count`` samples of 1 to 16 bits from each row: the last axis, uint8 or uint16.

    The file's byte order is that of 16 bits only; others come with the highest bit first.
    """
    match bits:
        case 8:
            return rows[..., :count]
        case 16:
            order = "<u2" if is_little_endian else ">u2"
            return np.asarray(rows[..., : 2 * count].view(order), np.uint16)
        case 1 | 2 | 4:
            return split_bytes(rows, bits)[..., :count]
    unpacked = np.empty((*rows.shape[:-1], count), np.uint8 if bits < 8 else np.uint16)
    for start in range(0, count, PART_SAMPLES):
        part = slice(start, min(start + PART_SAMPLES, count))
        unpacked[..., part] = unpack_part(rows[..., start * bits // 8 :], part.stop - start, bits)
    return unpacked


def unpack_part(rows: Bytes, count: int, bits: int) -> NDArray[np.uint32]:
    """Unpack the first ``count`` samples of each row."""
    first_bits = np.arange(count) * bits
    window = np.zeros((*rows.shape[:-1], count), np.uint32)
    for place in range(WINDOW_BYTES):
        # The last sample may be in fewer: what is read beyond it is shifted out.
        index = np.minimum(first_bits // 8 + place, rows.shape[-1] - 1)
        window = window << 8 | rows[..., index]
    shift = (8 * WINDOW_BYTES - bits - first_bits % 8).astype(np.uint32)
    return np.asarray(window >> shift & (1 << bits) - 1, np.uint32)


def split_bytes(rows: Bytes, bits: int) -> Bytes:
    """Split each byte of the last axis into samples of 1, 2 or 4 bits."""
    shifts = np.arange(8 - bits, -1, -bits, dtype=np.uint8)
    parts = np.arange(256, dtype=np.uint8)[:, np.newaxis] >> shifts & (1 << bits) - 1
    return np.take(parts, rows, axis=0).reshape(*rows.shape[:-1], -1)


def add_differences(samples: Samples, bits: int) -> Samples:
    """Undo predictor 2: sum up along the second-last axis; what is above the highest sample wraps around.

    https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf, section 14
    """
    sums = np.cumsum(samples, axis=-2, dtype=samples.dtype)
    return np.asarray(sums & (1 << bits) - 1, samples.dtype)
