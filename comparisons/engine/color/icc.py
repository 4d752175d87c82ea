"""ICC profiles, read as browsers do: https://www.color.org/specification/ICC.1-2022-05.pdf.

The rules are those of https://skia.googlesource.com/skcms: code points (cicp) count before a table (A2B0,
else A2B1), and that before curves and a matrix. Whatever of these is broken voids the profile. But the
illuminant in the header is not looked at, which some versions of browsers hold against a profile.
"""

import struct
from functools import lru_cache

import numpy as np

from .curves import ParametricCurve, RoundedCurve
from .icc_curves import ProfileInvalid, read_curve
from .icc_tables import Table, read_table
from .primaries import Matrix
from .raster import ColorModel
from .spaces import CodedColors, Encoding, GrayColors, MatrixColors, Profile, from_code_points

# Profiles of printers have tables of 2 MB.
MAX_PROFILE_BYTES = 4_000_000
MAX_TAGS = 100
MAX_VERSION = 4

HEADER_BYTES, TAG_BYTES = 128, 12
# How many channels there are, and of which files. Gray may be described as RGB, but not the other way round.
SPACES = {
    b"GRAY": (1, (ColorModel.GRAY,)),
    b"RGB ": (3, (ColorModel.RGB, ColorModel.GRAY)),
    b"CMYK": (4, (ColorModel.CMYK,)),
}
XYZ, LAB = b"XYZ ", b"Lab "
CURVES, COLORANTS = (b"rTRC", b"gTRC", b"bTRC"), (b"rXYZ", b"gXYZ", b"bXYZ")
TABLES = (b"A2B0", b"A2B1")

# Video's curves, which browsers take for sRGB's.
VIDEO_TRANSFERS, SRGB_TRANSFER = {1, 6, 11}, 13

Tags = dict[bytes, memoryview]


def is_readable(content: bytes) -> bool:
    return read_profile(content) is not None


# A profile is read when it is chosen, and again when it is applied.
@lru_cache(maxsize=1)
def read_profile(content: bytes) -> Profile | None:
    """Read what a profile says; None if it is broken."""
    if not HEADER_BYTES < len(content) <= MAX_PROFILE_BYTES:
        return None
    try:
        return read_colors(content)
    except (ProfileInvalid, struct.error):
        return None


def read_colors(content: bytes) -> Profile:
    size, version, space, connection, signature = struct.unpack_from(">I4xB7x4s4s12x4s", content)
    if signature != b"acsp" or version > MAX_VERSION or size > len(content):
        raise ProfileInvalid
    if space not in SPACES or connection not in {XYZ, LAB}:
        raise ProfileInvalid
    tags = read_tags(memoryview(content)[:size])
    channels, models = SPACES[space]
    encoding: Encoding | None = find_table(tags, channels, is_lab=connection == LAB)
    if encoding is None and space == b"RGB ":
        encoding = read_matrix_colors(tags)
    if encoding is None and space == b"GRAY" and connection == XYZ:
        encoding = read_gray(tags)
    if space != b"CMYK":
        encoding = read_code_points(tags) or encoding
    if encoding is None:
        raise ProfileInvalid
    return Profile(models, encoding)


def read_tags(content: memoryview) -> Tags:
    (count,) = struct.unpack_from(">I", content, HEADER_BYTES)
    if count > MAX_TAGS:
        raise ProfileInvalid
    tags: Tags = {}
    for number in range(count):
        entry = HEADER_BYTES + 4 + number * TAG_BYTES
        name, offset, size = struct.unpack_from(">4sII", content, entry)
        if size < 4 or offset + size > len(content):
            raise ProfileInvalid
        tags.setdefault(name, content[offset : offset + size])
    return tags


def read_gray(tags: Tags) -> GrayColors | None:
    return GrayColors(read_curve(tags[b"kTRC"])) if b"kTRC" in tags else None


def read_matrix_colors(tags: Tags) -> MatrixColors | None:
    if not {*CURVES, *COLORANTS} <= set(tags):
        return None
    red, green, blue = (read_curve(tags[name]) for name in CURVES)
    to_xyz = np.array([read_xyz(tags[name]) for name in COLORANTS]).T
    if red == green == blue and isinstance(red, ParametricCurve):
        return MatrixColors((red, red, red), to_xyz)
    # Chromium converts them in two steps, with 8 bits between.
    return MatrixColors((RoundedCurve(red), RoundedCurve(green), RoundedCurve(blue)), to_xyz)


def read_xyz(tag: memoryview) -> Matrix:
    if tag[:4] != XYZ:
        raise ProfileInvalid
    return np.array(struct.unpack_from(">3i", tag, 8)) / 65536


def find_table(tags: Tags, channels: int, *, is_lab: bool) -> Table | None:
    for name in TABLES:
        if name in tags:
            return read_table(tags[name], channels, is_lab=is_lab)
    return None


def read_code_points(tags: Tags) -> CodedColors | None:
    if b"cicp" not in tags:
        return None
    kind, primaries, transfer, matrix, full_range = struct.unpack_from(">4s4x4B", tags[b"cicp"])
    if kind != b"cicp":
        raise ProfileInvalid
    if (matrix, full_range) != (0, 1):
        return None
    return from_code_points(primaries, SRGB_TRANSFER if transfer in VIDEO_TRANSFERS else transfer)
