"""Where an orientation is looked for: where Chromium does, tried with version 156."""

import struct

import numpy as np
import pytest

from comparisons.engine import Limits, decode_image, read_header
from tests.malformed import after_start, chunk, png, segment, webp, webp_canvas

from .pictures import encode, gradient

PIXELS = gradient(40, 24)
JPEG, WEBP = encode(PIXELS, "JPEG"), encode(PIXELS, "WEBP", lossless=True)
ORIENTATION, EXIF_DIRECTORY, GPS_DIRECTORY = 274, 34665, 34853
BYTE, SHORT, LONG, SIGNED_SHORT = 1, 3, 4, 8
EXIF, PROFILE, COMMENT = 0xE1, 0xE2, 0xFE
MARK = b"Exif\0\0"

Entry = tuple[int, int, int, int]


def block(*entries: Entry, order: str = "<", inner: tuple[Entry, ...] = ()) -> bytes:
    """Make an EXIF block; where the value of an entry is -1, it points to the inner directory."""
    inner_at = 8 + 2 + 12 * len(entries) + 4
    outer = pack(
        *((*entry[:3], inner_at if entry[3] < 0 else entry[3]) for entry in entries), order=order
    )
    signature = b"II*\0" if order == "<" else b"MM\0*"
    return signature + struct.pack(f"{order}I", 8) + outer + pack(*inner, order=order)


def pack(*entries: Entry, order: str) -> bytes:
    packed = b"".join(
        struct.pack(f"{order}HHI", *entry[:3])
        + struct.pack(f"{order}{'I' if entry[1] == LONG else 'HH'}", *values(entry))
        for entry in entries
    )
    return struct.pack(f"{order}H", len(entries)) + packed + bytes(4)


def values(entry: Entry) -> tuple[int, ...]:
    return (entry[3],) if entry[1] == LONG else (entry[3], 0)


def orient(orientation: int, *, kind: int = SHORT, count: int = 1, order: str = "<") -> bytes:
    return block((ORIENTATION, kind, count, orientation), order=order)


SIX, THREE = (ORIENTATION, SHORT, 1, 6), (ORIENTATION, SHORT, 1, 3)
XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF'
    b' xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description'
    b' xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"/></rdf:RDF></x:xmpmeta>'
)


def jpeg_with(*blocks: bytes, mark: bytes = MARK, marker: int = EXIF) -> bytes:
    return after_start(JPEG, *(segment(marker, mark + data) for data in blocks))


def png_with(*before: bytes, after: bytes = b"") -> bytes:
    return png(*before, after=after)


def turns(content: bytes) -> int:
    """Count the quarter turns to the right."""
    plain = decode_image(JPEG if content.startswith(b"\xff\xd8") else png(), Limits())
    header = read_header(content, Limits())
    picture = decode_image(content, Limits())
    assert (header.width, header.height) == (picture.width, picture.height)
    if content.startswith(b"\xff\xd8"):
        [found] = [n for n in range(4) if np.array_equal(picture.rgb, np.rot90(plain.rgb, -n))]
        return found
    return int((picture.width, picture.height) != (plain.width, plain.height))


@pytest.mark.parametrize("order", ["<", ">"], ids=["little-endian", "big-endian"])
@pytest.mark.parametrize(("orientation", "expected"), [(1, 0), (6, 1), (3, 2), (8, 3)])
def test_a_jpeg_is_turned_by_its_exif_block(orientation: int, expected: int, order: str) -> None:
    assert turns(jpeg_with(orient(orientation, order=order))) == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(jpeg_with(orient(6), orient(3)), 1, id="the first of two blocks counts"),
        pytest.param(jpeg_with(orient(1), orient(6)), 0, id="even if it turns nothing"),
        pytest.param(jpeg_with(b"garbage", orient(6)), 0, id="even if it is broken"),
        pytest.param(jpeg_with(block(), orient(6)), 0, id="even if it says nothing"),
        pytest.param(jpeg_with(orient(6), mark=b"Exif\0\1"), 1, id="any byte behind the name"),
        pytest.param(jpeg_with(block(SIX, THREE)), 1, id="the first of two entries"),
        pytest.param(
            jpeg_with(block((ORIENTATION, SHORT, 1, 9), THREE)), 2, id="the first in range"
        ),
        pytest.param(
            jpeg_with(block((ORIENTATION, LONG, 1, 6), THREE)), 2, id="the first of its type"
        ),
        pytest.param(
            jpeg_with(block((EXIF_DIRECTORY, LONG, 1, -1), inner=(SIX,))),
            1,
            id="in the EXIF directory",
        ),
        pytest.param(
            jpeg_with(block(SIX, (EXIF_DIRECTORY, LONG, 1, -1), inner=(THREE,))),
            1,
            id="before the EXIF directory",
        ),
        pytest.param(jpeg_with(orient(6)[:-4]), 1, id="a directory without its end"),
        pytest.param(
            jpeg_with(orient(6)[:8] + b"\x63" + orient(6)[9:-4]), 1, id="a directory cut off"
        ),
    ],
)
def test_one_of_several_orientations_counts(content: bytes, expected: int) -> None:
    assert turns(content) == expected


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(jpeg_with(orient(6, kind=LONG)), id="of four bytes"),
        pytest.param(jpeg_with(orient(6, kind=LONG, order=">")), id="of four bytes, big-endian"),
        pytest.param(jpeg_with(orient(6, kind=BYTE)), id="of one byte"),
        pytest.param(jpeg_with(orient(6, kind=SIGNED_SHORT)), id="signed"),
        pytest.param(jpeg_with(orient(6, count=2)), id="of two numbers"),
        pytest.param(jpeg_with(orient(6, count=0)), id="of no number"),
        pytest.param(jpeg_with(orient(0)), id="0"),
        pytest.param(jpeg_with(orient(9)), id="9"),
        pytest.param(jpeg_with(orient(6), mark=MARK + MARK), id="behind two names"),
        pytest.param(jpeg_with(orient(6), mark=b"EXIF\0\0"), id="behind a name in capitals"),
        pytest.param(jpeg_with(orient(6), marker=PROFILE), id="in another segment"),
        pytest.param(jpeg_with(orient(6), marker=COMMENT), id="in a comment"),
        pytest.param(jpeg_with(XMP, mark=b"http://ns.adobe.com/xap/1.0/\0"), id="in XMP"),
        pytest.param(
            jpeg_with(block((GPS_DIRECTORY, LONG, 1, -1), inner=(SIX,))), id="in the GPS directory"
        ),
        pytest.param(
            jpeg_with(block((EXIF_DIRECTORY, SHORT, 1, -1), inner=(SIX,))), id="behind a short"
        ),
        pytest.param(jpeg_with(b"II+\0" + orient(6)[4:]), id="of BigTIFF"),
        pytest.param(jpeg_with(b"MM*\0" + orient(6, order=">")[4:]), id="with a mixed mark"),
        pytest.param(JPEG[:-2] + segment(EXIF, MARK + orient(6)) + JPEG[-2:], id="behind the scan"),
        pytest.param(png_with(after=chunk(b"eXIf", orient(6))), id="behind a PNG's pixels"),
        pytest.param(
            png_with(chunk(b"eXIf", orient(6), checksum=1)), id="in a PNG with a wrong checksum"
        ),
        pytest.param(png_with(chunk(b"eXIf", MARK + orient(6))), id="in a PNG, with a name"),
        pytest.param(
            png_with(chunk(b"eXIf", b"garbage"), chunk(b"eXIf", orient(6))),
            id="in a PNG, behind a broken one",
        ),
        pytest.param(
            png_with(chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP)), id="in a PNG's XMP"
        ),
        pytest.param(
            png_with(
                chunk(
                    b"tEXt",
                    b"Raw profile type exif\0\nexif\n%d\n" % len(MARK + orient(6))
                    + (MARK + orient(6)).hex().encode(),
                )
            ),
            id="in a PNG's raw profile",
        ),
    ],
)
def test_what_browsers_do_not_take_for_an_orientation_turns_nothing(content: bytes) -> None:
    assert turns(content) == 0


def test_a_png_is_turned_by_exif_before_its_pixels() -> None:
    assert turns(png_with(chunk(b"eXIf", orient(6)))) == 1


def test_a_webp_is_never_turned() -> None:
    data = WEBP[20 : 20 + int.from_bytes(WEBP[16:20], "little")]
    content = webp(webp_canvas(40, 24, flags=8), (b"VP8L", data), (b"EXIF", orient(6)))

    picture = decode_image(content, Limits())

    assert np.array_equal(picture.rgb, PIXELS)


def test_directories_that_point_at_each_other_come_to_an_end() -> None:
    pointers = ((EXIF_DIRECTORY, LONG, 1, 8),) * 60_000

    assert turns(png_with(chunk(b"eXIf", block(*pointers)))) == 0
