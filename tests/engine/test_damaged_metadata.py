"""What a file says beside its pixels may be damaged, or costly to read: browsers show the pixels."""

import struct
import zlib

import numpy as np
import pytest

from comparisons.engine import Limits, decode_image, read_header
from tests.malformed import after_start, chunk, png, replace_segment, segment, webp, webp_canvas

from .pictures import encode, gradient, noise

PIXELS = noise(8, 6, seed=1)
PNG_PIXELS = zlib.compress(b"".join(b"\0" + row.tobytes() for row in PIXELS))
WRONG = 0x12345678


def png_with(*before: bytes, after: bytes = b"") -> bytes:
    return png(*before, pixels=PNG_PIXELS, after=after)


def deflate(size_bytes: int) -> bytes:
    return zlib.compress(bytes(size_bytes))


# Of each kind, what its data should be.
SOUND_CHUNKS = {
    b"tEXt": b"Title\0Sunset",
    b"zTXt": b"Title\0\0" + zlib.compress(b"Sunset"),
    b"iTXt": b"Title\0\0\0\0\0Sunset",
    b"iCCP": b"sRGB\0\0" + zlib.compress(b"profile"),
    b"gAMA": struct.pack(">I", 100_000),
    b"cHRM": struct.pack(">8I", *range(8)),
    b"sRGB": b"\0",
    b"cICP": bytes([12, 13, 0, 1]),
    b"pHYs": struct.pack(">IIB", 1000, 1000, 1),
    b"tIME": bytes(7),
    b"bKGD": bytes(6),
    b"sBIT": bytes([8, 8, 8]),
    b"hIST": bytes(2),
    b"eXIf": b"II*\0\x08\0\0\0\1\0\x12\1\3\0\1\0\0\0\6\0\0\0\0\0\0\0",
    b"acTL": struct.pack(">II", 2, 0),
    b"tRNS": PIXELS[0, 0].astype(">u2").tobytes(),
}
PNGS = {
    **{
        f"{name.decode()}, wrong checksum": png_with(chunk(name, data, checksum=WRONG))
        for name, data in SOUND_CHUNKS.items()
    },
    **{f"{name.decode()}, empty": png_with(chunk(name, b"")) for name in SOUND_CHUNKS},
    **{f"{name.decode()}, a byte": png_with(chunk(name, b"\x07")) for name in SOUND_CHUNKS},
    "text of an unknown method": png_with(chunk(b"zTXt", b"Title\0\x07" + deflate(9))),
    "profile of an unknown method": png_with(chunk(b"iCCP", b"P3\0\x07" + deflate(9))),
    "text that can't be inflated": png_with(chunk(b"zTXt", b"Title\0\0broken")),
    "text of 2 MB": png_with(chunk(b"zTXt", b"Title\0\0" + deflate(2_000_000))),
    "texts of 80 MB": png_with(*[chunk(b"zTXt", b"Title\0\0" + deflate(8_000_000))] * 10),
    "text without an end": png_with(chunk(b"tEXt", b"Title")),
    "international text of 2 MB": png_with(chunk(b"iTXt", b"Title\0\1\0\0\0" + deflate(2_000_000))),
    "profile of 20 MB": png_with(chunk(b"iCCP", b"P3\0\0" + deflate(20_000_000))),
    "Exif that is none": png_with(chunk(b"eXIf", b"garbage")),
    "Exif of 3 MB": png_with(chunk(b"eXIf", b"II*\0".ljust(3_000_000, b"\xff"))),
    "text behind the pixels, wrong checksum": png_with(
        after=chunk(b"tEXt", b"a\0b", checksum=WRONG)
    ),
    "palette of a coloured PNG": png_with(chunk(b"PLTE", b"abcdef")),
    "palette of a coloured PNG, odd": png_with(chunk(b"PLTE", b"abcd")),
    "no end": png_with()[:-12],
    "half an end": png_with()[:-5],
}


@pytest.mark.parametrize("content", [pytest.param(PNGS[label], id=label) for label in PNGS])
def test_the_pixels_of_a_png_with_odd_metadata_are_read(content: bytes) -> None:
    picture = decode_image(content, Limits())

    assert np.array_equal(picture.rgb, PIXELS)
    assert picture.alpha is None


JPEG = encode(gradient(40, 24), "JPEG")
JFIF, ADOBE, EXIF, PROFILE, PHOTOSHOP, COMMENT = 0xE0, 0xEE, 0xE1, 0xE2, 0xED, 0xFE
JPEGS = {
    "JFIF, cut off": replace_segment(JPEG, JFIF, b"JFIF\0\1"),
    "JFIF, empty": replace_segment(JPEG, JFIF, b""),
    "JFIF with a thumbnail that isn't there": replace_segment(
        JPEG, JFIF, b"JFIF\0\1\1\0\0\1\0\1\xff\xff"
    ),
    "Photoshop's, cut off": after_start(JPEG, segment(PHOTOSHOP, b"Photoshop 3.0\0008BIM\4")),
    "Photoshop's, sizes that lie": after_start(
        JPEG, segment(PHOTOSHOP, b"Photoshop 3.0\0008BIM\3\xed\0\0\xff\xff\xff\xff")
    ),
    "Adobe's, cut off": after_start(JPEG, segment(ADOBE, b"Adobe\0")),
    "Adobe's, empty": after_start(JPEG, segment(ADOBE, b"")),
    "Exif, empty": after_start(JPEG, segment(EXIF, b"Exif\0\0")),
    "Exif, garbage": after_start(JPEG, segment(EXIF, b"Exif\0\0garbage")),
    "Exif, a directory that isn't there": after_start(
        JPEG, segment(EXIF, b"Exif\0\0MM\0*\xff\xff\xff\xff")
    ),
    "Exif, a directory that has no end": after_start(
        JPEG, segment(EXIF, b"Exif\0\0MM\0*\0\0\0\x08\xff\xff")
    ),
    "Exif, 20,000 of it": after_start(JPEG, *[segment(EXIF, b"Exif\0\0")] * 19_000),
    "Exif, 6 MB": after_start(JPEG, *[segment(EXIF, b"Exif\0\0".ljust(60_000))] * 100),
    "XMP that is none": after_start(JPEG, segment(EXIF, b"http://ns.adobe.com/xap/1.0/\0<x:")),
    "profile without its parts": after_start(JPEG, segment(PROFILE, b"ICC_PROFILE\0\2\5abc")),
    "profile, cut off": after_start(JPEG, segment(PROFILE, b"ICC_PROFILE\0")),
    "multi-picture index, cut off": after_start(JPEG, segment(PROFILE, b"MPF\0II*\0")),
    "comment that isn't text": after_start(JPEG, segment(COMMENT, bytes(range(256)))),
}


@pytest.mark.parametrize("content", [pytest.param(JPEGS[label], id=label) for label in JPEGS])
def test_the_pixels_of_a_jpeg_with_odd_metadata_are_read(content: bytes) -> None:
    picture = decode_image(content, Limits())

    assert np.array_equal(picture.rgb, decode_image(JPEG, Limits()).rgb)


LOSSLESS = encode(PIXELS, "WEBP", lossless=True)
LOSSLESS_DATA = LOSSLESS[20 : 20 + int.from_bytes(LOSSLESS[16:20], "little")]
HAS_EXIF, HAS_XMP, HAS_PROFILE = 0x08, 0x04, 0x20


def webp_with(flags: int, *before: tuple[bytes, bytes], after: tuple[bytes, bytes]) -> bytes:
    return webp(webp_canvas(8, 6, flags=flags), *before, (b"VP8L", LOSSLESS_DATA), after)


WEBPS = {
    "Exif, empty": webp_with(HAS_EXIF, after=(b"EXIF", b"")),
    "Exif, garbage": webp_with(HAS_EXIF, after=(b"EXIF", b"garbage")),
    "Exif, a directory that isn't there": webp_with(
        HAS_EXIF, after=(b"EXIF", b"II*\0\xff\xff\xff\xff")
    ),
    "Exif, 2 MB": webp_with(HAS_EXIF, after=(b"EXIF", bytes(2_000_000))),
    "Exif that is announced and missing": webp_with(HAS_EXIF, after=(b"JUNK", b"")),
    "Exif that is not announced": webp_with(0, after=(b"EXIF", b"garbage")),
    "XMP, garbage": webp_with(HAS_XMP, after=(b"XMP ", b"\xff\xfe<")),
    "profile, empty": webp_with(HAS_PROFILE, (b"ICCP", b""), after=(b"JUNK", b"")),
    "profile, garbage": webp_with(HAS_PROFILE, (b"ICCP", b"garbage"), after=(b"JUNK", b"")),
    "profile that is announced and missing": webp_with(HAS_PROFILE, after=(b"JUNK", b"")),
}


@pytest.mark.parametrize("content", [pytest.param(WEBPS[label], id=label) for label in WEBPS])
def test_the_pixels_of_a_webp_with_odd_metadata_are_read(content: bytes) -> None:
    picture = decode_image(content, Limits())

    assert np.array_equal(picture.rgb, PIXELS)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(webp_with(0, after=(b"ANMF", bytes(16))), id="that is not announced"),
        pytest.param(LOSSLESS + webp(*[(b"ANMF", bytes(16))] * 3)[12:], id="behind the end"),
    ],
)
def test_a_still_webp_has_one_frame_whatever_is_called_one(content: bytes) -> None:
    assert read_header(content, Limits()).frames == 1


@pytest.mark.parametrize("files", [PNGS, JPEGS, WEBPS], ids=["PNG", "JPEG", "WebP"])
def test_the_header_of_a_file_with_odd_metadata_is_read(files: dict[str, bytes]) -> None:
    headers = [read_header(content, Limits()) for content in files.values()]

    assert {(header.width, header.height) for header in headers} in [{(8, 6)}, {(40, 24)}]
