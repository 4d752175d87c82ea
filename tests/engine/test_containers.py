"""What keeps hostile files from keeping the decoders busy, and lets honest ones pass."""

import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from typing import Any, Never

import numpy as np
import pytest
from PIL import Image

from comparisons.engine import (
    ImageCorrupt,
    ImageUnsupported,
    Limits,
    TooManyPixels,
    decode_fast,
    decode_image,
    read_header,
)
from comparisons.engine.containers.jpeg import MAX_SCANS
from comparisons.engine.containers.parts import MAX_PARTS
from comparisons.engine.containers.tiff.segments import MAX_STRIPS
from tests.malformed import (
    GIF,
    GIF_BLOCKS,
    JPEG,
    LONG,
    PNG,
    SIGNED_LONG,
    add_scans,
    after_start,
    bmp,
    chunk,
    make_strips,
    make_tile,
    overwrite,
    png,
    segment,
    tiff,
)

from .pictures import encode, noise

FEW_PARTS = MAX_PARTS // 2
# Those of a JPEG, up to its first scan.
JPEG_SEGMENTS = 9
FIRST_SCANS = add_scans(0).count(b"\xff\xda")
PRIMARIES = [(0.51, 0.24, 0.0), (0.29, 0.69, 0.04), (0.16, 0.07, 0.78)]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(png(chunk(b"IDAT", b"") * FEW_PARTS), id="PNG"),
        pytest.param(after_start(JPEG, segment(0xFE, b"") * FEW_PARTS), id="JPEG"),
        pytest.param(add_scans(MAX_SCANS // 2), id="scans"),
        pytest.param(
            GIF[:GIF_BLOCKS] + b"!\xfe" + b"\1a" * FEW_PARTS + b"\0" + GIF[GIF_BLOCKS:], id="GIF"
        ),
        pytest.param(JPEG + b"\0\2" + b"\xff\xda\0\2" * 1000, id="scans behind the end"),
        pytest.param(
            add_scans(MAX_SCANS - FIRST_SCANS) + b"\xff\xda\0\2" * 1000,
            id="scans, and behind the end",
        ),
        pytest.param(
            after_start(JPEG, segment(0xEF, b"\xff\xda\0\2" * 1000)), id="scans in a segment"
        ),
    ],
)
def test_many_parts_are_read(content: bytes) -> None:
    picture = decode_image(content, Limits())

    assert picture.rgb.size


def test_pixels_beyond_the_last_row_are_left_alone() -> None:
    rows = zlib.compress((b"\0" + b"\7" * 24) * 6 + bytes(10_000_000))

    picture = decode_image(png(pixels=rows), Limits())

    assert picture.rgb.shape == (6, 8, 3)
    assert (picture.rgb == 7).all()


def test_a_scan_too_many_is_refused() -> None:
    with pytest.raises(ImageUnsupported, match="scans"):
        decode_image(add_scans(MAX_SCANS), Limits())


def test_the_end_of_a_picture_in_a_segment_hides_no_scans() -> None:
    jpeg = add_scans(MAX_SCANS)
    first_scan = jpeg.index(b"\xff\xda")
    content = jpeg[:first_scan] + segment(0xFE, b"\xff\xd9") + jpeg[first_scan:]

    with pytest.raises(ImageUnsupported, match="scans"):
        decode_image(content, Limits())


@pytest.mark.parametrize(
    ("width", "height"), [pytest.param(16, 16, id="small"), pytest.param(2048, 1024, id="large")]
)
def test_a_tile_may_be_larger_than_its_picture(width: int, height: int) -> None:
    picture = decode_image(make_tile(width, height), Limits())

    assert picture.rgb.shape == (6, 8, 3)


def test_a_tile_that_is_far_larger_is_refused() -> None:
    with pytest.raises(ImageUnsupported, match="tiles"):
        decode_image(make_tile(4096, 2048), Limits())


def test_a_tile_whose_sides_pillow_reads_in_its_own_way_is_corrupt() -> None:
    with pytest.raises(ImageCorrupt):
        decode_image(make_tile(16, 16, kind=SIGNED_LONG), Limits())


@pytest.mark.parametrize(
    "again",
    [
        pytest.param({}, id="width"),
        pytest.param({"tag": 257}, id="height"),
        pytest.param({"tag": 322, "first": 16, "second": 4096}, id="width of tiles"),
    ],
)
def test_a_tiff_that_gives_a_size_twice_is_corrupt(again: dict[str, int]) -> None:
    for content in repeat_tag(**again):
        with pytest.raises(ImageCorrupt, match="two values"):
            decode_image(content, Limits())


def test_a_tiff_that_gives_the_same_size_twice_is_read() -> None:
    [content, _] = repeat_tag(tag=256, first=8, second=8)

    assert decode_image(content, Limits()).rgb.shape == (6, 8, 3)


def repeat_tag(tag: int = 256, first: int = 8, second: int = 8000) -> list[bytes]:
    """Make a TIFF that has a tag twice, in either order."""
    entries = 12 * (9 + (tag > 300))
    contents = []
    for numbers in ((first, second), (second, first)):
        content = tiff({tag: (LONG, 1, numbers[0])})
        count = int.from_bytes(content[56:58], "little") + 1
        entry = struct.pack("<HHII", tag, LONG, 1, numbers[1])
        directory = content[58 : 58 + entries] + entry
        contents.append(content[:56] + struct.pack("<H", count) + directory + bytes(4))
    return contents


SIDES = 40, 30
PIXELS = 40 * 30


def encode_plain(image_format: str, mode: str = "RGB", **settings: Any) -> bytes:
    return encode(np.asarray(Image.new(mode, SIDES)), image_format, **settings)


FILES = {
    "PNG": encode_plain("PNG"),
    "PNG of a palette": encode_plain("PNG", "L", bits=4),
    "JPEG": encode_plain("JPEG"),
    "progressive JPEG": encode_plain("JPEG", progressive=True),
    "WebP": encode_plain("WEBP"),
    "lossless WebP": encode_plain("WEBP", lossless=True),
    "translucent WebP": encode_plain("WEBP", "RGBA"),
    "GIF": encode_plain("GIF"),
    "BMP": encode_plain("BMP"),
    "TIFF": encode_plain("TIFF"),
    "LZW TIFF": encode_plain("TIFF", compression="tiff_lzw"),
    "AVIF": encode_plain("AVIF"),
    "animated AVIF": encode_plain(
        "AVIF", save_all=True, append_images=[Image.new("RGB", SIDES, "red")]
    ),
    "animated WebP": encode_plain(
        "WEBP", save_all=True, append_images=[Image.new("RGB", SIDES, "red")]
    ),
    "GIF beyond its screen": overwrite(encode_plain("GIF"), 6, struct.pack("<HH", 1, 1)),
    "BMP from the top": bmp(40, -30) + bytes(4000),
    "BMP of OS/2": bmp(40, 30, header_bytes=12) + bytes(4000),
}


@pytest.mark.parametrize("content", [pytest.param(FILES[label], id=label) for label in FILES])
def test_a_picture_has_as_many_pixels_as_the_limit_and_no_more(content: bytes) -> None:
    picture = decode_image(content, Limits(max_pixels=PIXELS))

    assert (picture.width, picture.height) == SIDES
    with pytest.raises(TooManyPixels):
        decode_image(content, Limits(max_pixels=PIXELS - 1))
    with pytest.raises(TooManyPixels):
        read_header(content, Limits(max_pixels=PIXELS - 1))


class TestLimits:
    """What is just within them is read; one more is refused."""

    @pytest.mark.parametrize(
        ("make", "limit"),
        [
            pytest.param(
                lambda count: png(chunk(b"abCd", b"") * (count - 3)), MAX_PARTS, id="chunks"
            ),
            pytest.param(
                lambda count: after_start(
                    encode_plain("JPEG"), segment(0xFE, b"") * (count - JPEG_SEGMENTS)
                ),
                MAX_PARTS,
                id="segments",
            ),
            pytest.param(lambda count: add_scans(count - FIRST_SCANS), MAX_SCANS, id="scans"),
            pytest.param(make_strips, MAX_STRIPS, id="strips"),
        ],
    )
    def test_limits_are_exact(self, make: Callable[[int], bytes], limit: int) -> None:
        assert decode_image(make(limit), Limits()).rgb.size
        with pytest.raises(ImageUnsupported):
            decode_image(make(limit + 1), Limits())


def test_a_wrong_checksum_of_pixels_that_are_right_is_corrupt() -> None:
    position = PNG.index(b"IEND") - 5
    content = PNG[:position] + bytes([PNG[position] ^ 1]) + PNG[position + 1 :]

    with pytest.raises(ImageCorrupt, match="checksum"):
        decode_image(content, Limits())


def test_a_file_can_not_make_the_service_warn() -> None:
    entries = {1000 + number: (7, 1000, 8) for number in range(100)}
    program = (
        "import sys; from comparisons.engine import Limits, decode_image;"
        "decode_image(sys.stdin.buffer.read(), Limits())"
    )

    finished = subprocess.run(
        [sys.executable, "-c", program], input=tiff(entries), capture_output=True, check=True
    )

    assert finished.stderr == b""


class TestColorsOf16Bits:
    """Pillow reads a byte of each sample at a time, wherever it stands."""

    @pytest.mark.parametrize("byte_order", ["<", ">"], ids=["little-endian", "big-endian"])
    def test_colors_of_16_bits_are_rounded_in_either_byte_order(self, byte_order: str) -> None:
        samples = np.random.default_rng(1).integers(0, 65536, (6, 8, 3))

        picture = decode_image(encode_deep_tiff(samples, byte_order), Limits())

        assert np.array_equal(picture.rgb, (samples / 257).round())


def encode_deep_tiff(
    samples: np.typing.NDArray[np.int_], byte_order: str, *, planes: int = 1
) -> bytes:
    """Encode height x width x 3 samples in one strip, their depths behind them."""
    height, width, channels = samples.shape
    data = samples.astype(f"{byte_order}u2").tobytes()
    depths_at, directory_at = 8 + len(data), 8 + len(data) + 8
    entries = [
        (256, 4, 1, width),
        (257, 4, 1, height),
        (258, 3, 3, depths_at),
        (259, 4, 1, 1),
        (262, 4, 1, 2),
        (273, 4, 1, 8),
        (277, 4, 1, channels),
        (278, 4, 1, height),
        (279, 4, 1, len(data)),
        (284, 4, 1, planes),
    ]
    signature = b"II*\0" if byte_order == "<" else b"MM\0*"
    packed = b"".join(struct.pack(f"{byte_order}HHII", *entry) for entry in entries)
    return (
        signature
        + struct.pack(f"{byte_order}I", directory_at)
        + data
        + struct.pack(f"{byte_order}4H", 16, 16, 16, 0)
        + struct.pack(f"{byte_order}H", len(entries))
        + packed
        + bytes(4)
    )


def test_bitmaps_of_16_bits_a_pixel_are_read() -> None:
    """Five bits of red, six of green, five of blue."""
    header = struct.pack("<2sIIIIiiHHIIiiII", b"BM", 70, 0, 66, 40, 2, 1, 1, 16, 3, 4, 0, 0, 0, 0)
    masks = struct.pack("<3I", 0xF800, 0x07E0, 0x001F)

    picture = decode_image(header + masks + struct.pack("<2H", 0xF800, 0x07E0), Limits())

    assert picture.rgb.tolist() == [[[255, 0, 0], [0, 255, 0]]]


def test_a_flood_of_markers_behind_the_first_scan_is_refused() -> None:
    flood = b"\xff\xda\0\2" * (MAX_SCANS + 1)
    content = JPEG[:-2] + b"\xff\xe0\0\2" * (MAX_PARTS + 1) + JPEG[-2:] + flood

    with pytest.raises(ImageUnsupported, match="parts"):
        read_header(content, Limits())


@pytest.mark.parametrize(
    ("content", "is_fast"),
    [
        pytest.param(encode_plain("PNG"), True, id="PNG"),
        pytest.param(encode_plain("JPEG"), True, id="JPEG"),
        pytest.param(encode_plain("BMP"), True, id="BMP"),
        pytest.param(encode_plain("WEBP"), True, id="WebP"),
        pytest.param(encode_plain("WEBP", lossless=True), False, id="lossless WebP"),
        pytest.param(
            encode(noise(40, 30, seed=1, channels=4), "WEBP"), False, id="translucent WebP"
        ),
        pytest.param(encode_plain("GIF"), False, id="GIF"),
        pytest.param(encode_plain("TIFF"), False, id="TIFF"),
        pytest.param(encode_plain("AVIF"), False, id="AVIF"),
    ],
)
def test_only_what_takes_memory_by_its_size_is_decoded_without_a_process_of_its_own(
    content: bytes, *, is_fast: bool
) -> None:
    assert (decode_fast(content, Limits()) is not None) is is_fast


@pytest.mark.parametrize(
    "error", [OverflowError, IndexError, KeyError, ValueError, struct.error, ZeroDivisionError]
)
def test_a_number_that_leads_nowhere_makes_a_file_corrupt(
    error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: bytes) -> Never:
        raise error

    monkeypatch.setattr("comparisons.engine.containers.png.read", fail)

    with pytest.raises(ImageCorrupt):
        read_header(PNG, Limits())
