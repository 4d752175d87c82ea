"""WebP: https://developers.google.com/speed/webp/docs/riff_container.

Its Exif data turns no picture: browsers don't look at it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from comparisons.engine.color import MAX_PROFILE_BYTES, IccProfile
from comparisons.engine.errors import ImageTruncated

from .container import Container
from .parts import Counter

CHUNKS_AT, DATA_AT = 12, 20
LOSSY, LOSSLESS, EXTENDED = b"VP8 ", b"VP8L", b"VP8X"
PROFILE, FRAME, OPACITY = b"ICCP", b"ANMF", b"ALPH"
ANIMATED, HAS_ALPHA, HAS_PROFILE = 0x02, 0x10, 0x20
# Of the data: https://datatracker.ietf.org/doc/html/rfc6386#section-9.1 and rfc9649#section-3.4
LOSSY_START, LOSSLESS_START = b"\x9d\x01\x2a", b"\x2f"
LOSSY_START_AT, SIZE_END = 3, 10
# A bit behind the two sides: https://datatracker.ietf.org/doc/html/rfc9649#section-3.4
ALPHA_AT, ALPHA_IN_LOSSLESS = 4, 0x10


@dataclass(frozen=True, kw_only=True)
class WebpContainer(Container):
    """``is_opaque`` is False where the file says that there may be transparent pixels."""

    is_animated: bool
    is_opaque: bool
    is_lossless: bool

    @property
    def memory_is_known(self) -> bool:
        """The codes of what is lossless, and of opacity, may take 400 bytes for each pixel."""
        return self.is_opaque and not self.is_lossless


def recognizes(content: bytes) -> bool:
    return (
        content.startswith(b"RIFF")
        and content[8:CHUNKS_AT] == b"WEBP"
        and content[CHUNKS_AT : CHUNKS_AT + 4] in {LOSSY, LOSSLESS, EXTENDED}
    )


def read(content: bytes) -> WebpContainer:
    """Read the canvas: libwebp holds the frames to it, before it decodes any.

    :raises ImageTruncated: it is not there.
    :raises ImageUnsupported: there are too many chunks.
    """
    name, data = content[CHUNKS_AT : CHUNKS_AT + 4], content[DATA_AT : DATA_AT + SIZE_END]
    size = read_size(name, data)
    if size is None:
        raise ImageTruncated("the image is truncated: its end is missing")
    flags = data[0] if name == EXTENDED else 0
    color_space, frames, parts = None, 0, Counter()
    is_opaque, is_lossless = not flags & HAS_ALPHA, False
    for chunk, start, end in find_chunks(content):
        parts.count()
        frames += chunk == FRAME
        is_lossless |= chunk == LOSSLESS
        if chunk == OPACITY or (chunk == LOSSLESS and has_alpha(content[start:end])):
            is_opaque = False
        if chunk == PROFILE and flags & HAS_PROFILE and end - start <= MAX_PROFILE_BYTES:
            color_space = color_space or IccProfile(content[start:end])
    is_animated = bool(flags & ANIMATED)
    return WebpContainer(
        width=size[0],
        height=size[1],
        content=show_alpha(content, flags) if is_animated else content,
        color_space=color_space,
        frames=max(1, frames) if is_animated else 1,
        is_animated=is_animated,
        is_opaque=is_opaque,
        is_lossless=is_lossless,
    )


def has_alpha(lossless: bytes) -> bool:
    return bool(int.from_bytes(lossless[ALPHA_AT : ALPHA_AT + 1]) & ALPHA_IN_LOSSLESS)


def show_alpha(content: bytes, flags: int) -> bytes:
    """Say that an animation has transparent parts: a first frame that is smaller leaves some."""
    return content[:DATA_AT] + bytes([flags | HAS_ALPHA]) + content[DATA_AT + 1 :]


def find_chunks(content: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield names, beginnings and ends of the data of the chunks; what is behind the last is none."""
    position, size = CHUNKS_AT, min(len(content), 8 + int.from_bytes(content[4:8], "little"))
    while position + 8 <= size:
        start = position + 8
        end = start + int.from_bytes(content[position + 4 : start], "little")
        yield content[position : position + 4], start, end
        position = end + end % 2


def read_size(name: bytes, data: bytes) -> tuple[int, int] | None:
    """Read the size that a chunk holds; None where there is none."""
    if name == EXTENDED and len(data) == SIZE_END:
        width, height = (int.from_bytes(data[at : at + 3], "little") for at in (4, 7))
        return width + 1, height + 1
    if name == LOSSY and data[LOSSY_START_AT:].startswith(LOSSY_START):
        width, height = (int.from_bytes(data[at : at + 2], "little") & 0x3FFF for at in (6, 8))
        return width, height
    if name == LOSSLESS and data.startswith(LOSSLESS_START):
        bits = int.from_bytes(data[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return None
