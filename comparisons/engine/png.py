"""Masks as PNG files of 1 bit a pixel: https://www.w3.org/TR/png-3/."""

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GRAY = 0


def encode_bits(bits: NDArray[np.bool_]) -> bytes:
    """Encode height x width, bool, True being white."""
    height, width = bits.shape
    header = struct.pack(">IIBBBBB", width, height, 1, GRAY, 0, 0, 0)
    # Each row begins with the number of its filter: 0 for none.
    rows = np.zeros((height, 1 + (width + 7) // 8), np.uint8)
    rows[:, 1:] = np.packbits(bits, axis=1)
    # Masks are runs of equal bytes: to look for nothing else is faster, and makes smaller files.
    deflate = zlib.compressobj(level=1, strategy=zlib.Z_RLE)
    pixels = deflate.compress(rows.data) + deflate.flush()
    chunks = {b"IHDR": header, b"IDAT": pixels, b"IEND": b""}
    return SIGNATURE + b"".join(frame_chunk(name, data) for name, data in chunks.items())


def frame_chunk(name: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(data, zlib.crc32(name))
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", checksum)
