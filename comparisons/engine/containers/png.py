"""PNG: https://www.w3.org/TR/png-3/.

Decoders get the header, the palette, what is transparent, and the pixels. What is damaged in other
chunks, or takes long to read, keeps no picture from being shown.
"""

import struct
from dataclasses import dataclass
from itertools import takewhile

from comparisons.engine.color import ColorModel
from comparisons.engine.errors import (
    ImageCorrupt,
    ImageNotRecognized,
    ImageTruncated,
    ImageUnsupported,
)

from .apng import count_frames, find_hidden_frame
from .container import Container
from .exif import read_orientation
from .png_chunks import END, PIXELS, SIGNATURE, Chunk, find_intact, list_chunks, make_chunk
from .png_colors import find_color_space

HEADER = struct.Struct(">IIBB3s")
# Of compression, of filters and of interlacing, which is done or not.
STRAIGHT, INTERLACED = b"\0\0\0", b"\0\0\1"
GRAY, RGB, PALETTE, GRAY_ALPHA, RGBA = 0, 2, 3, 4, 6
# Of each colour type: https://www.w3.org/TR/png-3/#table111.
DEPTHS = {
    GRAY: {1, 2, 4, 8, 16},
    RGB: {8, 16},
    PALETTE: {1, 2, 4, 8},
    GRAY_ALPHA: {8, 16},
    RGBA: {8, 16},
}
KNOWN_CRITICAL = {b"IHDR", b"PLTE", PIXELS, END}
BYTES_PER_COLOR, MAX_COLORS = 3, 256
# How many samples say which colour is transparent, by colour type.
TRANSPARENT_SAMPLES = {GRAY: 1, RGB: 3}


@dataclass(frozen=True, kw_only=True)
class PngContainer(Container):
    """``depth`` is in bits; ``has_transparency`` tells of a transparent colour, or of a palette's."""

    depth: int
    color_type: int
    has_transparency: bool
    is_interlaced: bool

    @property
    def model(self) -> ColorModel:
        return ColorModel.GRAY if self.color_type in {GRAY, GRAY_ALPHA} else ColorModel.RGB


def recognizes(content: bytes) -> bool:
    return content.startswith(SIGNATURE)


def read(content: bytes) -> PngContainer:
    """Read the header, which has to be the first chunk, and what the others say of the picture.

    :raises ImageNotRecognized: there is no header.
    :raises ImageTruncated: there are no pixels.
    :raises ImageCorrupt: a chunk that decoders need is damaged.
    :raises ImageUnsupported: there are too many chunks, or one that has to be understood.
    """
    chunks = list_chunks(content)
    if not chunks or not is_header(chunks[0]):
        raise ImageNotRecognized("not an image in a supported format: a PNG without a header")
    width, height, depth, color_type, methods = HEADER.unpack(chunks[0].data)
    if methods not in {STRAIGHT, INTERLACED} or depth not in DEPTHS.get(color_type, ()):
        raise ImageCorrupt("the image is corrupt: no PNG is of the kind that its header names")
    head = [*takewhile(lambda chunk: chunk.name != PIXELS, chunks)]
    check_head(head)
    palette, transparency = read_colors(head, depth, color_type)
    frame, pixels = find_hidden_frame(head, chunks, width, height) or (
        None,
        find_pixels(content, chunks),
    )
    coded_size = (frame.width, frame.height) if frame else (width, height)
    return PngContainer(
        width=width,
        height=height,
        content=b"".join(
            [
                SIGNATURE,
                make_chunk(b"IHDR", HEADER.pack(*coded_size, depth, color_type, methods)),
                make_chunk(b"PLTE", palette) if palette else b"",
                make_chunk(b"tRNS", transparency) if transparency else b"",
                pixels,
                make_chunk(END, b""),
            ]
        ),
        frame=frame,
        orientation=read_orientation(find_intact(head, b"eXIf") or b""),
        color_space=find_color_space(head),
        frames=max(1, count_frames(chunks)),
        depth=depth,
        color_type=color_type,
        has_transparency=bool(transparency),
        is_interlaced=methods == INTERLACED,
    )


def is_header(chunk: Chunk) -> bool:
    return chunk.name == b"IHDR" and len(chunk.data) == HEADER.size and chunk.is_intact


def check_head(head: list[Chunk]) -> None:
    """Check the chunks before the pixels of which none can be left out."""
    for chunk in head:
        if chunk.is_critical and not chunk.is_intact:
            raise ImageCorrupt("the image is corrupt: a checksum before its pixels is wrong")
        if chunk.is_critical and chunk.name not in KNOWN_CRITICAL:
            raise ImageUnsupported(
                "PNG with unknown critical chunks is not supported; export it again as PNG"
            )
    names = [chunk.name for chunk in head]
    if any(names.count(name) > 1 for name in KNOWN_CRITICAL):
        raise ImageCorrupt("the image is corrupt: it has two headers or palettes")


def read_colors(head: list[Chunk], depth: int, color_type: int) -> tuple[bytes, bytes]:
    """Read the palette, and what is transparent, in the words of PLTE and tRNS.

    What is too long is cut off. Indexes beyond a palette show its last colour, as in Chromium.
    """
    if color_type in TRANSPARENT_SAMPLES:
        return b"", mask_samples(
            find_intact(head, b"tRNS") or b"", TRANSPARENT_SAMPLES[color_type], depth
        )
    if color_type != PALETTE:
        return b"", b""
    palette = find_intact(head, b"PLTE") or b""
    colors = len(palette) // BYTES_PER_COLOR
    if not 0 < colors <= MAX_COLORS:
        raise ImageCorrupt("the image is corrupt: it has no palette")
    spare = max(0, (1 << depth) - colors)
    palette = palette[: BYTES_PER_COLOR * colors]
    behind_palette = [*head[1 + [chunk.name for chunk in head].index(b"PLTE") :]]
    opacity = (find_intact(behind_palette, b"tRNS") or b"")[:colors]
    if len(opacity) == colors:
        opacity += spare * opacity[-1:]
    return palette + spare * palette[-BYTES_PER_COLOR:], opacity


def mask_samples(data: bytes, count: int, depth: int) -> bytes:
    """Keep the bits of samples that pixels have; without all of the samples, nothing is left."""
    samples = struct.Struct(f">{count}H")
    if len(data) < samples.size:
        return b""
    return samples.pack(*(sample & (1 << depth) - 1 for sample in samples.unpack_from(data)))


def find_pixels(content: bytes, chunks: list[Chunk]) -> bytes:
    """Find the chunks of the pixels, the last of which may be cut off with the end of the file."""
    pixels = [chunk.whole for chunk in chunks if chunk.name == PIXELS]
    rest = memoryview(content)[chunks[-1].end + 4 :]
    if rest[4:8] == PIXELS and chunks[-1].name != END:
        pixels.append(rest)
    if not pixels:
        raise ImageTruncated("the image is truncated: it has no pixels")
    return b"".join(pixels)
