"""How a picture is to be shown, as the properties of its colours say: ISO/IEC 23008-12, 6.5."""

import struct
from fractions import Fraction

from comparisons.engine.color import MAX_PROFILE_BYTES

from .av1 import UNSPECIFIED, Sequence
from .still import Item

CODE_POINTS, PROFILES = b"nclx", {b"prof", b"rICC"}

# Chromium converts no colours that are coded by these: it doesn't know all of them itself.
UNCONVERTED_MATRICES = {12, 13, 14, 16, 17}

# EXIF's numbers, by the turn to the left in quarters, and by what is mirrored after it: nothing, top
# and bottom, left and right.
ORIENTATIONS = {None: (1, 8, 3, 6), 0: (4, 5, 2, 7), 1: (2, 7, 4, 5)}
APERTURE = struct.Struct(">8i")


def find_orientation(item: Item) -> int:
    """Find how to turn the picture, as EXIF counts. EXIF and XMP do not count."""
    turn, mirror = item.find(b"irot"), item.find(b"imir")
    return ORIENTATIONS[mirror[0] & 1 if mirror else None][turn[0] & 3 if turn else 0]


def find_aperture(item: Item, width: int, height: int) -> tuple[int, int] | None:
    """Find the width and height of what is shown, from the top left on; None if that is all.

    As in Chromium, an aperture that begins elsewhere hides nothing: ISO/IEC 14496-12, 12.1.4.
    """
    box = item.find(b"clap")
    if not box or len(box) < APERTURE.size:
        return None
    numbers = APERTURE.unpack_from(box)
    if any(denominator <= 0 for denominator in numbers[1::2]):
        return None
    sides = map(Fraction, numbers[::2], numbers[1::2])
    shown_width, shown_height, right, down = sides
    # How far the middles are apart.
    if right != (shown_width - width) / 2 or down != (shown_height - height) / 2:
        return None
    if not is_length(shown_width, width) or not is_length(shown_height, height):
        return None
    return int(shown_width), int(shown_height)


def is_length(shown: Fraction, side: int) -> bool:
    return shown.denominator == 1 and 1 <= shown <= side


def find_code_points(item: Item, sequence: Sequence) -> tuple[int, int]:
    """Find ColourPrimaries and TransferCharacteristics of https://www.itu.int/rec/T-REC-H.273."""
    points = sequence.primaries, sequence.transfer, sequence.matrix
    for name, box, _ in item.properties:
        if name == b"colr" and box[:4] == CODE_POINTS:
            points = struct.unpack_from(">3H", bytes(box[:10]).ljust(10, b"\0"), 4)
            break
    primaries, transfer, matrix = points
    if matrix in UNCONVERTED_MATRICES and not sequence.is_gray:
        return UNSPECIFIED, UNSPECIFIED
    return primaries, transfer


def find_profile(item: Item) -> bytes | None:
    """Find the ICC profile."""
    for name, box, _ in item.properties:
        if name == b"colr" and bytes(box[:4]) in PROFILES:
            return bytes(box[4:]) if len(box) <= MAX_PROFILE_BYTES else None
    return None


def find_peak_nits(item: Item) -> float | None:
    """Find how bright the brightest pixel is, in candela per square metre; None where it isn't said."""
    box = item.find(b"clli")
    return (int.from_bytes(box[:2]) or None) if box else None
