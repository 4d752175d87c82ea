"""JPEG: https://www.w3.org/Graphics/JPEG/itu-t81.pdf, annex B.

Pillow reads segments, and what is between them, in Python, and its decoder works each scan over the whole
picture: a file of millions of tiny ones would keep a processor busy for minutes.
"""

import re

from comparisons.engine.errors import ImageCorrupt, ImageTruncated, ImageUnsupported

from .parts import Counter, check_exif

SIGNATURE = b"\xff\xd8\xff"

# Neither stuffing nor a restart: B.1.1.2.
MARKER = re.compile(rb"\xff([^\x00\x01\xd0-\xd8\xff])", re.DOTALL)
END, SCAN, EXIF = 0xD9, 0xDA, 0xE1
# Those that hold a size: table B.1.
FRAMES = {*range(0xC0, 0xD0), 0xDE} - {0xC4, 0xC8, 0xCC}
SCAN_BEGINNING = b"\xff\xda"
EXIF_BEGINNING = b"Exif\0\0"

# JPEGs of many passes have a dozen.
MAX_SCANS = 40
# To each, Pillow copies all that came before: 20,000 of 1 KB kept it busy for minutes.
MAX_EXIF_SEGMENTS = 100


def recognizes(content: bytes) -> bool:
    return content.startswith(SIGNATURE)


def measure(content: bytes) -> tuple[int, int]:
    """Read the segments up to the first scan.

    :raises ImageTruncated: there is no scan.
    :raises ImageCorrupt: there is no size before it, or more than one.
    :raises ImageUnsupported: there is too much to read.
    """
    parts, exif_segments, exif_bytes = Counter(), 0, 0
    sizes: list[tuple[int, int]] = []
    position = 2
    while found := MARKER.search(content, position):
        # All that is between the segments, a byte at a time.
        parts.count(1 + found.start() - position)
        marker, start = found[1][0], found.end()
        position = start + int.from_bytes(content[start : start + 2])
        if marker == SCAN:
            check_scans(content, position)
            return choose_size(sizes)
        if marker in FRAMES:
            height, width = (int.from_bytes(content[at : at + 2]) for at in (start + 3, start + 5))
            sizes.append((width, height))
        elif marker == EXIF and content.startswith(EXIF_BEGINNING, start + 2):
            exif_segments += 1
            exif_bytes += position - start
            check_exif(exif_bytes)
            if exif_segments > MAX_EXIF_SEGMENTS:
                raise ImageUnsupported(
                    f"the image has more than {MAX_EXIF_SEGMENTS} segments of Exif data"
                )
    raise ImageTruncated("the image is truncated: its end is missing")


def choose_size(sizes: list[tuple[int, int]]) -> tuple[int, int]:
    if len(sizes) != 1:
        raise ImageCorrupt("the image is corrupt: it has no size, or more than one")
    return sizes[0]


def check_scans(content: bytes, position: int) -> None:
    """Count the scans behind the first, at ``position``, if so many may be there: to look takes long.

    :raises ImageUnsupported: there are too many.
    """
    if content.count(SCAN_BEGINNING, position) < MAX_SCANS:
        return
    scans = 1
    while (found := MARKER.search(content, position)) and found[1][0] != END:
        scans += found[1][0] == SCAN
        if scans > MAX_SCANS:
            raise ImageUnsupported(f"the image has more than {MAX_SCANS} scans")
        position = found.end() + int.from_bytes(content[found.end() : found.end() + 2])
