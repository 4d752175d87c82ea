"""JPEG: https://www.w3.org/Graphics/JPEG/itu-t81.pdf, annex B.

Decoders get no segment that tells of anything but the pixels: what is damaged in those keeps no picture
from being shown. They work each scan over the whole picture: a file of millions of tiny ones would
keep a processor busy for minutes.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from comparisons.engine.color import MAX_PROFILE_BYTES, ColorModel, ColorSpace, IccProfile
from comparisons.engine.errors import ImageCorrupt, ImageTruncated, ImageUnsupported

from .container import Container
from .exif import UPRIGHT, read_orientation
from .parts import Counter

SIGNATURE = b"\xff\xd8\xff"
START = b"\xff\xd8"

# Neither stuffing nor a restart: B.1.1.2.
MARKER = re.compile(rb"\xff([^\x00\x01\xd0-\xd8\xff])", re.DOTALL)
END, SCAN = 0xD9, 0xDA
# Those that hold a size: table B.1.
FRAMES = {*range(0xC0, 0xD0), 0xDE} - {0xC4, 0xC8, 0xCC}
SCAN_BEGINNING = b"\xff\xda"

APPLICATIONS, COMMENT = range(0xE0, 0xF0), 0xFE
# The two that say in which colours the pixels are coded, with the bytes that libjpeg wants of them.
JFIF, JFIF_BEGINNING, MIN_JFIF_BYTES = 0xE0, b"JFIF\0", 14
ADOBE, ADOBE_BEGINNING, MIN_ADOBE_BYTES = 0xEE, b"Adobe", 12
# Browsers don't look at the byte behind.
EXIF, EXIF_BEGINNING, EXIF_AT = 0xE1, b"Exif\0", 6
# https://www.color.org/specification/ICC.1-2022-05.pdf, B.4: their number and that of all follow.
PROFILE, PROFILE_BEGINNING, PROFILE_AT = 0xE2, b"ICC_PROFILE\0", 14

SAMPLE_BITS = 8
# By the number of channels. libjpeg makes RGB of YCbCr, and CMYK of YCCK.
MODELS = {1: ColorModel.GRAY, 3: ColorModel.RGB, 4: ColorModel.CMYK}

# JPEGs of many passes have a dozen.
MAX_SCANS = 40


@dataclass(frozen=True)
class Segment:
    """A marker and what follows it; ``start`` is the place of the marker."""

    marker: int
    start: int
    data: bytes

    @property
    def end(self) -> int:
        return self.start + 4 + len(self.data)

    @property
    def is_for_decoders(self) -> bool:
        if self.marker == JFIF:
            return self.data.startswith(JFIF_BEGINNING) and len(self.data) >= MIN_JFIF_BYTES
        if self.marker == ADOBE:
            return self.data.startswith(ADOBE_BEGINNING) and len(self.data) >= MIN_ADOBE_BYTES
        return self.marker != COMMENT and self.marker not in APPLICATIONS


@dataclass(frozen=True, kw_only=True)
class JpegContainer(Container):
    """``channels`` are those that are coded."""

    channels: int

    @property
    def model(self) -> ColorModel:
        return MODELS.get(self.channels, ColorModel.RGB)


def recognizes(content: bytes) -> bool:
    return content.startswith(SIGNATURE)


def read(content: bytes) -> JpegContainer:
    """Read the segments up to the first scan.

    :raises ImageTruncated: there is no scan.
    :raises ImageCorrupt: there is no size before it, or more than one.
    :raises ImageUnsupported: there is too much to read.
    """
    segments = [*find_segments(content)]
    if not segments or segments[-1].marker != SCAN:
        raise ImageTruncated("the image is truncated: its end is missing")
    check_scans(content, segments[-1].end)
    frames = [segment.data for segment in segments if segment.marker in FRAMES]
    if len(frames) != 1 or len(frames[0]) < 6:
        raise ImageCorrupt("the image is corrupt: it has no size, or more than one")
    [frame] = frames
    if frame[0] != SAMPLE_BITS:
        raise ImageUnsupported(
            f"JPEG with {frame[0]} bits per sample is not supported; export it with 8"
        )
    return JpegContainer(
        width=int.from_bytes(frame[3:5]),
        height=int.from_bytes(frame[1:3]),
        content=join_shown(content, segments),
        orientation=find_orientation(segments),
        color_space=find_color_space(segments),
        channels=frame[5],
    )


def find_segments(content: bytes) -> Iterator[Segment]:
    """Yield the segments up to the first scan's header.

    :raises ImageUnsupported: there are too many.
    """
    parts, position = Counter(), len(START)
    while found := MARKER.search(content, position):
        # All that is between the segments, a byte at a time.
        parts.count(1 + found.start() - position)
        marker, start = found[1][0], found.end()
        position = start + int.from_bytes(content[start : start + 2])
        yield Segment(marker, found.start(), content[start + 2 : position])
        if marker == SCAN:
            return


def join_shown(content: bytes, segments: list[Segment]) -> bytes:
    *head, scan = segments
    if all(segment.is_for_decoders for segment in head):
        return content
    shown = [content[segment.start : segment.end] for segment in head if segment.is_for_decoders]
    return b"".join([START, *shown, memoryview(content)[scan.start :]])


def find_orientation(segments: list[Segment]) -> int:
    """Read it in the first block of Exif; whatever is in others does not count."""
    for segment in segments:
        if segment.marker == EXIF and segment.data.startswith(EXIF_BEGINNING):
            return read_orientation(segment.data[EXIF_AT:])
    return UPRIGHT


def find_color_space(segments: list[Segment]) -> ColorSpace | None:
    """Join the parts of a profile: all of them have to be there, once."""
    parts = {
        segment.data[PROFILE_AT - 2]: segment.data
        for segment in segments
        if segment.marker == PROFILE
        and segment.data.startswith(PROFILE_BEGINNING)
        and len(segment.data) >= PROFILE_AT
    }
    counts = {data[PROFILE_AT - 1] for data in parts.values()}
    if counts != {len(parts)} or parts.keys() != {*range(1, len(parts) + 1)}:
        return None
    profile = b"".join(parts[number][PROFILE_AT:] for number in sorted(parts))
    return IccProfile(profile) if len(profile) <= MAX_PROFILE_BYTES else None


def check_scans(content: bytes, position: int) -> None:
    """Count the scans behind the first, at ``position``, if so many may be there: to look takes long.

    :raises ImageUnsupported: there are too many.
    """
    if content.count(SCAN_BEGINNING, position) < MAX_SCANS:
        return
    scans, parts = 1, Counter()
    while (found := MARKER.search(content, position)) and found[1][0] != END:
        parts.count()
        scans += found[1][0] == SCAN
        if scans > MAX_SCANS:
            raise ImageUnsupported(f"the image has more than {MAX_SCANS} scans")
        position = found.end() + int.from_bytes(content[found.end() : found.end() + 2])
