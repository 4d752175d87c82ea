"""Pictures made in code: arrays of height x width x 3, uint8, RGB, unless said otherwise."""

import io
import struct
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from comparisons.engine import Limits, Picture, decode_image

Pixels = NDArray[np.uint8]

WHITE = (255, 255, 255)
BLACK = (0, 0, 0)


def plain(width: int, height: int, color: tuple[int, ...] = WHITE) -> Pixels:
    return np.full((height, width, len(color)), color, np.uint8)


def noise(width: int, height: int, *, seed: int, channels: int = 3) -> Pixels:
    return np.asarray(
        np.random.default_rng(seed).integers(0, 256, (height, width, channels), np.uint8)
    )


def gradient(width: int, height: int, *, start: int = 0) -> Pixels:
    """Go from ``start`` to white in the columns, red and green; and down the rows in blue."""
    across = np.linspace(start, 255, width).astype(np.uint8)
    down = np.linspace(start, 255, height).astype(np.uint8)
    return np.dstack(
        [
            np.tile(across, (height, 1)),
            np.tile(across[::-1], (height, 1)),
            np.tile(down[:, np.newaxis], (1, width)),
        ]
    )


def nearly(pixels: Pixels, *, seed: int, most: int = 12) -> Pixels:
    """Disturb every sample by at most ``most``."""
    change = np.random.default_rng(seed).integers(-most, most + 1, pixels.shape)
    return np.asarray(np.clip(pixels + change, 0, 255), np.uint8)


def written(text: str, *, x: float = 4, width: int = 120, height: int = 40) -> Pixels:
    """Write with soft edges, as screenshots have them; a fraction in ``x`` changes nothing but those."""
    sheet = Image.new("RGB", (width, height), "white")
    font = ImageFont.load_default(18)
    ImageDraw.Draw(sheet).text((x, 6), text, fill=(20, 60, 120), font=font)
    return np.array(sheet)


def lined(*, tilt: float, width: int = 90, height: int = 60) -> Pixels:
    """Draw lines with soft edges: drawn four times as large, then shrunk."""
    sheet = Image.new("RGB", (4 * width, 4 * height), (250, 250, 240))
    draw = ImageDraw.Draw(sheet)
    for y in range(0, 4 * height, 48):
        draw.line((0, y, 4 * width, y + tilt * 40), fill=(200, 30, 30), width=6)
    return np.array(sheet.resize((width, height), Image.Resampling.BOX))


def read_opacity(picture: Picture) -> Pixels:
    assert picture.alpha is not None
    return picture.alpha


def decode(content: bytes) -> Picture:
    return decode_image(content, Limits())


def encode(pixels: NDArray[Any], file_format: str, **settings: Any) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, file_format, **settings)
    return buffer.getvalue()


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


# First column, first row, and the steps between columns and rows of each pass: Adam7.
INTERLACED = [
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
]


def encode_png(
    samples: NDArray[Any],
    *,
    depth: int,
    color_type: int,
    chunks: Sequence[tuple[bytes, bytes]] = (),
    interlaced: bool = False,
) -> bytes:
    """Encode height x width x channels samples as they are: https://www.w3.org/TR/png-3/."""
    height, width = samples.shape[:2]
    passes = INTERLACED if interlaced else [(0, 0, 1, 1)]
    rows = b"".join(
        pack_rows(samples[top::down, left::across], depth) for left, top, across, down in passes
    )
    header = struct.pack(">IIBBBBB", width, height, depth, color_type, 0, 0, interlaced)
    parts = [(b"IHDR", header), *chunks, (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(*part) for part in parts)


def pack_rows(samples: NDArray[Any], depth: int) -> bytes:
    """Put the filter's byte, none, before each row of bits."""
    if not samples.size:
        return b""
    rows = samples.reshape(len(samples), -1)
    if depth < 8:
        bits = (rows[..., np.newaxis] >> np.arange(depth)[::-1]) & 1
        rows = np.packbits(bits.reshape(len(samples), -1).astype(np.uint8), axis=1)
    else:
        rows = rows.astype(f">u{depth // 8}").view(np.uint8)
    return np.hstack([np.zeros((len(rows), 1), np.uint8), rows]).tobytes()


def encode_gray_tiff(samples: NDArray[np.uint16], *, photometric: int) -> bytes:
    """Encode height x width samples in one strip: https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf."""
    height, width = samples.shape
    data = samples.astype("<u2").tobytes()
    tags = {
        256: width,
        257: height,
        258: 16,
        259: 1,
        262: photometric,
        273: 8,
        277: 1,
        278: height,
        279: len(data),
    }
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items())
    directory = struct.pack("<H", len(tags)) + entries + bytes(4)
    return b"II*\0" + struct.pack("<I", 8 + len(data)) + data + directory
